with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
    where cycle_time_days is not null
),

board_spans as (
    select * from {{ ref('int_task_board_spans_published') }}
    where column_phid != 'closed'
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
    where is_published
),

service_levels as (
    select * from {{ ref('metric_service_level') }}
    where window_tasks_count > 0
),

-- The same tasks as those of the newest expectation, so that both can stand in one chart.
windows as (
    select
        project_phid as board_phid,
        cast(max(period_started_date) - max(service_level_window_days) as date) as window_started_date,
        max(period_started_date) as window_ended_date
    from service_levels
    group by project_phid
),

finished_tasks as (
    select
        windows.board_phid,
        project_tasks.task_id,
        windows.window_started_date,
        windows.window_ended_date,
        project_tasks.started_at,
        project_tasks.closed_at
    from project_tasks
    inner join windows
        on
            project_tasks.project_phid = windows.board_phid
            and project_tasks.closed_date >= windows.window_started_date
            and project_tasks.closed_date < windows.window_ended_date
),

-- Stays that ended before the start, or began after the closing that counts, are no part of a cycle time.
departures as (
    select
        finished_tasks.board_phid,
        board_spans.column_phid,
        finished_tasks.task_id,
        finished_tasks.window_started_date,
        finished_tasks.window_ended_date,
        finished_tasks.started_at,
        max(
            least(coalesce(board_spans.ended_at, finished_tasks.closed_at), finished_tasks.closed_at)
        ) as departed_at
    from finished_tasks
    inner join board_spans
        on
            finished_tasks.task_id = board_spans.task_id
            and finished_tasks.board_phid = board_spans.board_phid
            and finished_tasks.closed_at > board_spans.started_at
            and finished_tasks.started_at < coalesce(board_spans.ended_at, finished_tasks.closed_at)
    group by
        finished_tasks.board_phid,
        board_spans.column_phid,
        finished_tasks.task_id,
        finished_tasks.window_started_date,
        finished_tasks.window_ended_date,
        finished_tasks.started_at
),

ages as (
    select
        board_phid,
        column_phid,
        window_started_date,
        window_ended_date,
        {{ days_between('started_at', 'departed_at') }} as age_at_exit_days
    from departures
),

age_at_exit as (
    select
        board_phid,
        column_phid,
        window_started_date,
        window_ended_date,
        count(*) as tasks_count,
        {{ percentile('age_at_exit_days', 0.5) }} as age_at_exit_p50_days,
        {{ percentile('age_at_exit_days', 0.85) }} as age_at_exit_p85_days,
        {{ percentile('age_at_exit_days', 0.95) }} as age_at_exit_p95_days
    from ages
    group by board_phid, column_phid, window_started_date, window_ended_date
),

age_at_exit_of_named_column as (
    select
        age_at_exit.board_phid,
        age_at_exit.column_phid,
        board_columns.column_name,
        board_columns.column_role,
        cast(board_columns.sequence as integer) as sequence,
        age_at_exit.tasks_count,
        age_at_exit.age_at_exit_p50_days,
        age_at_exit.age_at_exit_p85_days,
        age_at_exit.age_at_exit_p95_days,
        age_at_exit.window_started_date,
        age_at_exit.window_ended_date
    from age_at_exit
    inner join board_columns on age_at_exit.column_phid = board_columns.column_phid
)

select * from age_at_exit_of_named_column
