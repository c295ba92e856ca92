{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_changed_task()) }}"
) }}
with

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
    where {{ is_of_changed_task() }}
),

current_tags as (
    select * from {{ ref('stg_phabricator__task_projects') }}
    where {{ is_of_changed_task() }}
),

events as (
    select * from {{ ref('int_task_events_normalised') }}
    where {{ is_of_changed_task() }}
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

tag_events as (
    select
        task_id,
        object_phid as project_phid,
        effective_at as changed_at,
        transaction_id,
        event_index,
        new_value is not null as is_tagged,
        old_value is not null as was_tagged,
        true as is_explicit
    from events
    where event_type = 'project' and object_phid is not null
),

-- A move tags the task with the board's project, or with the milestone that the column stands for.
-- Servers write that down as a project change of its own, except old ones.
move_events as (
    select
        events.task_id,
        case
            when new_columns.is_milestone_column then new_columns.proxy_project_phid
            else events.board_phid
        end as project_phid,
        events.effective_at as changed_at,
        events.transaction_id,
        events.event_index,
        true as is_tagged,
        not coalesce(new_columns.is_milestone_column, false)
        and events.old_value is not null
        and not coalesce(old_columns.is_milestone_column, false) as was_tagged,
        false as is_explicit
    from events
    left join board_columns as new_columns on events.new_value = new_columns.column_phid
    left join board_columns as old_columns on events.old_value = old_columns.column_phid
    where events.event_type = 'column' and events.board_phid is not null and events.new_value is not null
),

all_tag_events as (
    select * from tag_events
    union all
    select * from move_events
),

-- Where a project change says what happened in that second, moves say nothing.
marked_tag_events as (
    select
        *,
        bool_or(is_explicit) over (partition by task_id, project_phid, changed_at) as has_explicit
    from all_tag_events
),

effective_tag_events as (
    select
        *,
        row_number() over (
            partition by task_id, project_phid order by changed_at, transaction_id, event_index
        ) as event_number
    from marked_tag_events
    where is_explicit or not has_explicit
),

-- Tags from before the first change, which nothing wrote down.
starting_tags as (
    select
        task_id,
        project_phid
    from effective_tag_events
    where event_number = 1 and was_tagged
    union all
    select
        current_tags.task_id,
        current_tags.project_phid
    from current_tags
    left join effective_tag_events
        on
            current_tags.task_id = effective_tag_events.task_id
            and current_tags.project_phid = effective_tag_events.project_phid
            and effective_tag_events.event_number = 1
    where effective_tag_events.task_id is null
),

changes as (
    select
        starting_tags.task_id,
        starting_tags.project_phid,
        tasks.created_at as changed_at,
        cast(-1 as bigint) as transaction_id,
        0 as event_index,
        starting_tags.project_phid as span_value
    from starting_tags
    inner join tasks on starting_tags.task_id = tasks.task_id
    union all
    select
        task_id,
        project_phid,
        changed_at,
        transaction_id,
        event_index,
        case when is_tagged then project_phid end as span_value
    from effective_tag_events
),
{{ spans_of('changes', 'task_id, project_phid') }}

select * from spans
