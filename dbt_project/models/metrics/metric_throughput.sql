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
),

closed_tasks as (
    select
        project_tasks.project_phid,
        tasks.closed_at,
        tasks.points
    from project_tasks
    inner join tasks on project_tasks.task_id = tasks.task_id
    where tasks.closed_at is not null
),

closed_tasks_by_period as (
    select
        closed_tasks.project_phid,
        periods.period,
        {{ period_start('periods.period', 'closed_tasks.closed_at') }} as period_started_date,
        count(*) as closed_tasks_count,
        sum(closed_tasks.points) as closed_points
    from closed_tasks
    cross join periods
    group by 1, 2, 3
),

throughput as (
    select
        project_periods.project_phid,
        project_periods.period,
        project_periods.period_started_date,
        coalesce(closed_tasks_by_period.closed_tasks_count, 0) as closed_tasks_count,
        coalesce(closed_tasks_by_period.closed_points, 0) as closed_points
    from project_periods
    left join closed_tasks_by_period
        on
            project_periods.project_phid = closed_tasks_by_period.project_phid
            and project_periods.period = closed_tasks_by_period.period
            and project_periods.period_started_date = closed_tasks_by_period.period_started_date
)

select * from throughput
