{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_changed_task()) }}"
) }}
with

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
    where {{ is_of_changed_task() }} and not is_told_by_history
),

value_spans as (
    select * from {{ ref('int_task_value_spans') }}
    where {{ is_of_changed_task() }}
),

project_spans as (
    select * from {{ ref('int_task_project_spans') }}
    where {{ is_of_changed_task() }}
),

column_spans as (
    select * from {{ ref('int_task_column_spans') }}
    where {{ is_of_changed_task() }}
),

tags as (
    select * from {{ ref('int_task_tags_gathered') }}
    where {{ is_of_changed_task() }}
),

server_columns as (
    select * from {{ ref('stg_phabricator__task_columns') }}
    where {{ is_of_changed_task() }}
),

current_columns as (
    select server_columns.*
    from server_columns
    inner join tasks on server_columns.task_id = tasks.task_id
),

last_values as (
    select
        task_id,
        span_kind,
        span_value
    from value_spans
    where ended_at is null
    union all
    select
        task_id,
        'project' as span_kind,
        project_phid as span_value
    from project_spans
    where ended_at is null
),

last_columns as (
    select * from column_spans
    where ended_at is null
),

current_values as (
    select
        task_id,
        'status' as span_kind,
        status as current_value
    from tasks
    union all
    select
        task_id,
        'priority' as span_kind,
        priority as current_value
    from tasks
    where priority is not null
    union all
    select
        task_id,
        'owner' as span_kind,
        owner_phid as current_value
    from tasks
    where owner_phid is not null
    union all
    select
        tags.task_id,
        'project' as span_kind,
        tags.project_phid as current_value
    from tags
    inner join tasks on tags.task_id = tasks.task_id
),

-- Of a task without a document the server says nothing.
values_of_documents as (
    select last_values.*
    from last_values
    inner join tasks on last_values.task_id = tasks.task_id
),

differing_values as (
    select
        coalesce(current_values.task_id, values_of_documents.task_id) as task_id,
        coalesce(current_values.span_kind, values_of_documents.span_kind) as span_kind,
        cast(null as varchar) as board_phid,
        values_of_documents.span_value,
        current_values.current_value
    from current_values
    full outer join values_of_documents
        on
            current_values.task_id = values_of_documents.task_id
            and current_values.span_kind = values_of_documents.span_kind
            and current_values.current_value = values_of_documents.span_value
    where current_values.task_id is null or values_of_documents.task_id is null
),

-- The server may name several columns of one board (positions from before a milestone stay behind):
-- history is in one of them. It names none on the board of a milestone's parent.
column_matches as (
    select
        current_columns.task_id,
        current_columns.board_phid,
        min(current_columns.column_phid) as current_value,
        max(case when last_columns.span_value = current_columns.column_phid then 1 else 0 end) as is_found,
        max(last_columns.span_value) as span_value
    from current_columns
    left join last_columns
        on
            current_columns.task_id = last_columns.task_id
            and current_columns.board_phid = last_columns.board_phid
    group by current_columns.task_id, current_columns.board_phid
),

differing_columns as (
    select
        task_id,
        'column' as span_kind,
        board_phid,
        span_value,
        current_value
    from column_matches
    where is_found = 0
),

differences as (
    select * from differing_values
    union all
    select * from differing_columns
)

select * from differences
