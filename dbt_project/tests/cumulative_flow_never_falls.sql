-- Arrivals and departures only add up: a line that falls would be a count of tasks, not a cumulative flow.
with

flow as (
    select
        *,
        lag(arrivals_count, 1, 0) over (partition by board_phid, column_phid order by flow_date) as previous_arrivals_count,
        lag(departures_count, 1, 0) over (partition by board_phid, column_phid order by flow_date) as previous_departures_count
    from {{ ref('metric_cumulative_flow') }}
),

falls as (
    select * from flow
    where arrivals_count < previous_arrivals_count or departures_count < previous_departures_count
)

select * from falls
