-- Active and waiting time are parts of the cycle times that metric_cycle_time has for the same tasks.
with

flow_efficiency as (
    select * from {{ ref('metric_flow_efficiency') }}
),

cycle_time as (
    select * from {{ ref('metric_cycle_time') }}
    where subtype = 'all' and priority_name = 'all'
),

findings as (
    select
        flow_efficiency.*,
        cycle_time.finished_tasks_count as expected_tasks_count
    from flow_efficiency
    full outer join cycle_time
        on
            flow_efficiency.project_phid = cycle_time.project_phid
            and flow_efficiency.period = cycle_time.period
            and flow_efficiency.period_started_date = cycle_time.period_started_date
    where
        flow_efficiency.finished_tasks_count is distinct from cycle_time.finished_tasks_count
        or abs(
            flow_efficiency.cycle_time_total_days
            - cycle_time.finished_tasks_count * coalesce(cycle_time.cycle_time_mean_days, 0)
        ) > 0.001 * greatest(flow_efficiency.cycle_time_total_days, 1)
        or flow_efficiency.active_total_days + flow_efficiency.waiting_total_days
        > flow_efficiency.cycle_time_total_days + 0.001 * greatest(flow_efficiency.cycle_time_total_days, 1)
)

select * from findings
