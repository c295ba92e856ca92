with

project_tasks as (
    select * from {{ ref('int_project_task_slices') }}
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
),

kinds as (
    select distinct period
    from project_periods
    where period in ('week', 'month')
),

finished_tasks as (
    select
        project_tasks.project_phid,
        project_tasks.subtype,
        project_tasks.priority_name,
        kinds.period,
        {{ period_of_date('kinds.period', 'project_tasks.closed_date') }} as period_started_date,
        project_tasks.cycle_time_days
    from project_tasks
    cross join kinds
    where project_tasks.cycle_time_days is not null
),

-- So that periods in which nothing was finished are there, with 0 tasks.
periods_without_tasks as (
    select
        project_phid,
        'all' as subtype,
        'all' as priority_name,
        period,
        period_started_date,
        cast(null as double) as cycle_time_days
    from project_periods
    where period in ('week', 'month')
),

finished_tasks_and_periods as (
    select * from finished_tasks
    union all
    select * from periods_without_tasks
),

cycle_times as (
    select
        project_phid,
        subtype,
        priority_name,
        period,
        period_started_date,
        count(cycle_time_days) as finished_tasks_count,
        {{ percentile('cycle_time_days', 0.5) }} as cycle_time_p50_days,
        {{ percentile('cycle_time_days', 0.85) }} as cycle_time_p85_days,
        {{ percentile('cycle_time_days', 0.95) }} as cycle_time_p95_days,
        {{ mean_days('cycle_time_days') }} as cycle_time_mean_days
    from finished_tasks_and_periods
    group by project_phid, subtype, priority_name, period, period_started_date
)

select * from cycle_times
