-- Arrivals and departures only add up: a line that falls would be a count of tasks, not a cumulative
-- flow.
with

flow as (
    select
        *,
        lag(arrivals_count) over (
            partition by board_phid, column_phid order by flow_date
        ) as previous_arrivals,
        lag(departures_count) over (
            partition by board_phid, column_phid order by flow_date
        ) as previous_departures
    from {{ ref('metric_cumulative_flow') }}
),

falls as (
    select * from flow
    where arrivals_count < previous_arrivals or departures_count < previous_departures
)

select * from falls
