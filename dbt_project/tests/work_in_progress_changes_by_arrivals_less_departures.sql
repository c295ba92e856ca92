-- What was in progress at the end of a window is what was there at its start, with what came and without
-- what went.
with

windows as (
    select * from {{ ref('metric_littles_law') }}
),

differences as (
    select * from windows
    where
        wip_at_end_count != wip_at_start_count + arrivals_count - departures_count
        or wip_mean_count < never_left_tasks_count - 0.000001
        or wip_mean_count > wip_at_start_count + arrivals_count + 0.000001
)

select * from differences
