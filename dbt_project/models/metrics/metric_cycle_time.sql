with

tasks as (
    select * from {{ ref('tasks') }}
),

project_tasks as (
    select * from {{ ref('int_project_tasks_published') }}
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
),

periods as (
    select distinct period
    from project_periods
    where period in ('week', 'month')
),

finished_tasks as (
    select
        project_tasks.project_phid,
        tasks.closed_at,
        tasks.cycle_time_days
    from project_tasks
    inner join tasks on project_tasks.task_id = tasks.task_id
    where tasks.cycle_time_days is not null
),

cycle_times_by_period as (
    select
        finished_tasks.project_phid,
        periods.period,
        {{ period_start('periods.period', 'finished_tasks.closed_at') }} as period_started_date,
        count(*) as finished_tasks_count,
        {{ percentile('finished_tasks.cycle_time_days', 0.5) }} as cycle_time_p50_days,
        {{ percentile('finished_tasks.cycle_time_days', 0.85) }} as cycle_time_p85_days,
        {{ percentile('finished_tasks.cycle_time_days', 0.95) }} as cycle_time_p95_days,
        avg(finished_tasks.cycle_time_days) as cycle_time_mean_days
    from finished_tasks
    cross join periods
    group by 1, 2, 3
),

cycle_times as (
    select
        project_periods.project_phid,
        project_periods.period,
        project_periods.period_started_date,
        coalesce(cycle_times_by_period.finished_tasks_count, 0) as finished_tasks_count,
        cycle_times_by_period.cycle_time_p50_days,
        cycle_times_by_period.cycle_time_p85_days,
        cycle_times_by_period.cycle_time_p95_days,
        cycle_times_by_period.cycle_time_mean_days
    from project_periods
    left join cycle_times_by_period
        on
            project_periods.project_phid = cycle_times_by_period.project_phid
            and project_periods.period = cycle_times_by_period.period
            and project_periods.period_started_date = cycle_times_by_period.period_started_date
    where project_periods.period in ('week', 'month')
)

select * from cycle_times
