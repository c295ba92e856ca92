-- Every closed task has a lead time, in the very period in which throughput counts it.
with

throughput as (
    select * from {{ ref('metric_throughput') }}
    where period != 'day'
),

lead_time as (
    select * from {{ ref('metric_lead_time') }}
),

differences as (
    select
        coalesce(throughput.project_phid, lead_time.project_phid) as project_phid,
        coalesce(throughput.period_started_date, lead_time.period_started_date) as period_started_date,
        throughput.closed_tasks_count,
        lead_time.finished_tasks_count
    from throughput
    full outer join lead_time
        on
            throughput.project_phid = lead_time.project_phid
            and throughput.subtype = lead_time.subtype
            and throughput.priority_name = lead_time.priority_name
            and throughput.period = lead_time.period
            and throughput.period_started_date = lead_time.period_started_date
    where throughput.closed_tasks_count is distinct from lead_time.finished_tasks_count
)

select * from differences
