with

value_spans as (
    select * from {{ ref('int_task_value_spans') }}
),

board_spans as (
    select * from {{ ref('int_task_board_spans') }}
),

statuses as (
    select * from {{ ref('int_statuses_given_roles') }}
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

starts_by_status as (
    select
        value_spans.task_id,
        value_spans.started_at
    from value_spans
    inner join statuses
        on value_spans.span_value = statuses.status and statuses.status_role = 'in progress'
    where value_spans.span_kind = 'status'
),

boards as (
    select
        project_phid as board_phid,
        max(case when column_role = 'in progress' then 1 else 0 end) as has_column_in_progress
    from board_columns
    group by project_phid
),

-- On a board where no column's role is "in progress", leaving the default column starts a task.
starts_by_column as (
    select
        board_spans.task_id,
        board_spans.started_at
    from board_spans
    left join boards on board_spans.board_phid = boards.board_phid
    left join board_columns on board_spans.column_phid = board_columns.column_phid
    where
        board_spans.column_phid != 'closed'
        and (
            board_columns.column_role = 'in progress'
            or (
                coalesce(boards.has_column_in_progress, 0) = 0
                and not coalesce(board_columns.is_default, false)
                and not coalesce(board_columns.is_milestone_column, false)
            )
        )
),

starts as (
    select
        task_id,
        started_at as started_by_status_at,
        cast(null as timestamp) as started_by_column_at
    from starts_by_status
    union all
    select
        task_id,
        cast(null as timestamp) as started_by_status_at,
        started_at as started_by_column_at
    from starts_by_column
),

first_starts as (
    select
        task_id,
        min(started_by_status_at) as started_by_status_at,
        min(started_by_column_at) as started_by_column_at,
        min(coalesce(started_by_status_at, started_by_column_at)) as started_at
    from starts
    group by task_id
)

select * from first_starts
