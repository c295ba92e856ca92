with

board_spans as (
    select * from {{ ref('int_task_board_spans_published') }}
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

flowing_columns as (
    select distinct
        board_phid,
        column_phid
    from board_spans
),

arrivals_and_departures as (
    select
        board_phid,
        column_phid,
        {{ local_date('started_at') }} as flow_date,
        1 as arrivals_count,
        0 as departures_count
    from board_spans
    union all
    select
        board_phid,
        column_phid,
        {{ local_date('ended_at') }} as flow_date,
        0 as arrivals_count,
        1 as departures_count
    from board_spans
    where ended_at is not null
    union all
    select
        flowing_columns.board_phid,
        flowing_columns.column_phid,
        {{ local_date('extraction.as_of') }} as flow_date,
        0 as arrivals_count,
        0 as departures_count
    from flowing_columns
    cross join extraction
),

days as (
    select
        board_phid,
        column_phid,
        flow_date,
        sum(arrivals_count) as arrivals_count,
        sum(departures_count) as departures_count
    from arrivals_and_departures
    group by board_phid, column_phid, flow_date
),

cumulative_days as (
    select
        board_phid,
        column_phid,
        flow_date,
        sum(arrivals_count) over (
            partition by board_phid, column_phid order by flow_date
            rows between unbounded preceding and current row
        ) as arrivals_count,
        sum(departures_count) over (
            partition by board_phid, column_phid order by flow_date
            rows between unbounded preceding and current row
        ) as departures_count
    from days
),

-- Columns that are no longer there come after the known ones, closed tasks last.
board_lengths as (
    select
        project_phid as board_phid,
        max(sequence) as last_sequence
    from board_columns
    group by project_phid
),

cumulative_flow as (
    select
        cumulative_days.board_phid,
        cumulative_days.column_phid,
        cumulative_days.flow_date,
        case
            when cumulative_days.column_phid = 'closed' then 'Closed'
            else coalesce(board_columns.column_name, 'Column that is no longer there')
        end as column_name,
        cast(case
            when cumulative_days.column_phid = 'closed' then coalesce(board_lengths.last_sequence, 0) + 2
            else coalesce(board_columns.sequence, coalesce(board_lengths.last_sequence, 0) + 1)
        end as integer) as sequence,
        cast(cumulative_days.arrivals_count as bigint) as arrivals_count,
        cast(cumulative_days.departures_count as bigint) as departures_count,
        cast(cumulative_days.arrivals_count - cumulative_days.departures_count as bigint) as wip_count
    from cumulative_days
    left join board_columns on cumulative_days.column_phid = board_columns.column_phid
    left join board_lengths on cumulative_days.board_phid = board_lengths.board_phid
)

select * from cumulative_flow
