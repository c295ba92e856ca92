{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ make_room(is_of_rescreened_task()) }}"
) }}
with

events as (
    select * from {{ ref('int_task_events_normalised') }}
    where {{ is_of_rescreened_task() }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

tasks_of_server as (
    select * from {{ ref('stg_phabricator__tasks') }}
),

-- Tasks that are gone are known, but not among the screened ones.
screened_objects as (
    select
        tasks_of_server.task_phid as object_phid,
        coalesce(screened_tasks.is_published, false) as is_published
    from tasks_of_server
    left join screened_tasks on tasks_of_server.task_id = screened_tasks.task_id
    union all
    select
        project_phid as object_phid,
        is_published
    from screened_projects
    union all
    select
        column_phid as object_phid,
        is_published
    from board_columns
),

-- An event is published if the task is, and the other object that it is about: project, board, column
-- or task. Commits and other objects that are not known here are not; of columns that are no longer
-- there the board decides. A column that may not be published is not named as the one that a task came from.
screened_events as (
    select
        events.task_id,
        events.transaction_id,
        events.event_index,
        events.event_type,
        events.actor_phid,
        events.board_phid,
        events.object_phid,
        events.field_name,
        case
            when
                ({{ may_show_values('events') }})
                and (coalesce(old_columns.is_published, true) or not coalesce(boards.is_published, false))
                then events.old_value
        end as old_value,
        case when {{ may_show_values('events') }} then events.new_value end as new_value,
        events.edit_group,
        screened_tasks.is_published
        and (
            events.object_phid is null
            or events.event_type = 'subscribers'
            or coalesce(objects.is_published, events.event_type = 'column' or {{ is_allowed_unknown() }})
        )
        and (
            events.event_type != 'column'
            or coalesce(boards.is_published, {{ is_allowed_unknown() }})
        ) as is_published,
        events.occurred_at
    from events
    inner join screened_tasks on events.task_id = screened_tasks.task_id
    left join screened_objects as objects on events.object_phid = objects.object_phid
    left join screened_projects as boards on events.board_phid = boards.project_phid
    left join board_columns as old_columns
        on case when events.event_type = 'column' then events.old_value end = old_columns.column_phid
)

select * from screened_events
