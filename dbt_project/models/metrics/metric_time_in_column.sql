with

board_spans as (
    select * from {{ ref('int_task_board_spans_published') }}
    where column_phid != 'closed'
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

-- All stays of a task in a column together. While it is there, nobody knows how long it will be.
times as (
    select
        task_id,
        board_phid,
        column_phid,
        {{ local_date('max(ended_at)') }} as left_date,
        {{ total_days(days_between('started_at', 'ended_at')) }} as time_in_column_days
    from board_spans
    group by task_id, board_phid, column_phid
    having count(*) = count(ended_at)
),

times_and_months as (
    select
        board_phid,
        column_phid,
        'month' as period,
        {{ period_of_date("'month'", 'left_date') }} as period_started_date,
        time_in_column_days
    from times
    union all
    select
        board_phid,
        column_phid,
        'all' as period,
        cast(null as date) as period_started_date,
        time_in_column_days
    from times
),

time_in_column as (
    select
        board_phid,
        column_phid,
        period,
        period_started_date,
        count(*) as tasks_count,
        {{ percentile('time_in_column_days', 0.5) }} as time_in_column_p50_days,
        {{ percentile('time_in_column_days', 0.85) }} as time_in_column_p85_days,
        {{ mean_days('time_in_column_days') }} as time_in_column_mean_days
    from times_and_months
    group by board_phid, column_phid, period, period_started_date
),

-- Columns that are no longer there come after the known ones.
board_lengths as (
    select
        project_phid as board_phid,
        max(sequence) as last_sequence
    from board_columns
    group by project_phid
),

time_in_named_column as (
    select
        time_in_column.board_phid,
        time_in_column.column_phid,
        time_in_column.period,
        time_in_column.period_started_date,
        coalesce(board_columns.column_name, 'Column that is no longer there') as column_name,
        board_columns.column_role,
        cast(
            coalesce(board_columns.sequence, coalesce(board_lengths.last_sequence, 0) + 1) as integer
        ) as sequence,
        time_in_column.tasks_count,
        time_in_column.time_in_column_p50_days,
        time_in_column.time_in_column_p85_days,
        time_in_column.time_in_column_mean_days
    from time_in_column
    left join board_columns on time_in_column.column_phid = board_columns.column_phid
    left join board_lengths on time_in_column.board_phid = board_lengths.board_phid
)

select * from time_in_named_column
