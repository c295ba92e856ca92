-- What history says a task is in must be what the server says. It may differ where transactions are
-- missing, and where a task changed between the two requests that read it; then the server is right
-- about now. The server may name several columns of one board (positions from before a milestone stay
-- behind): history is in one of them. It names none on the board of a milestone's parent.
{{ config(severity='warn') }}

with

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
    where not is_told_by_history
),

current_tags as (
    select tags.*
    from {{ ref('stg_phabricator__task_projects') }} as tags
    inner join tasks on tags.task_id = tasks.task_id
),

current_columns as (
    select task_columns.*
    from {{ ref('stg_phabricator__task_columns') }} as task_columns
    inner join tasks on task_columns.task_id = tasks.task_id
),

last_spans as (
    select task_spans.*
    from {{ ref('task_spans') }} as task_spans
    inner join tasks on task_spans.task_id = tasks.task_id
    where task_spans.ended_at is null
),

last_values as (
    select * from last_spans
    where span_kind != 'column'
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
    union all
    select
        task_id,
        'owner' as span_kind,
        owner_phid as current_value
    from tasks
    where owner_phid is not null
    union all
    select
        task_id,
        'project' as span_kind,
        project_phid as current_value
    from current_tags
),

differing_values as (
    select
        coalesce(current_values.task_id, last_values.task_id) as task_id,
        coalesce(current_values.span_kind, last_values.span_kind) as span_kind,
        last_values.span_value,
        current_values.current_value
    from current_values
    full outer join last_values
        on
            current_values.task_id = last_values.task_id
            and current_values.span_kind = last_values.span_kind
            and current_values.current_value = last_values.span_value
    where current_values.task_id is null or last_values.task_id is null
),

column_matches as (
    select
        current_columns.task_id,
        current_columns.board_phid,
        min(current_columns.column_phid) as current_value,
        max(last_spans.span_value) as span_value
    from current_columns
    left join last_spans
        on
            current_columns.task_id = last_spans.task_id
            and last_spans.span_kind = 'column'
            and current_columns.board_phid = last_spans.board_phid
            and current_columns.column_phid = last_spans.span_value
    group by current_columns.task_id, current_columns.board_phid
),

differing_columns as (
    select
        task_id,
        'column' as span_kind,
        span_value,
        current_value
    from column_matches
    where span_value is null
),

differences as (
    select * from differing_values
    union all
    select * from differing_columns
)

select * from differences
