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
),

-- Days of single slices would be many and say little.
closed_tasks as (
    select
        project_tasks.project_phid,
        project_tasks.subtype,
        project_tasks.priority_name,
        kinds.period,
        {{ period_of_date('kinds.period', 'project_tasks.closed_date') }} as period_started_date,
        1 as closed_tasks_count,
        project_tasks.points as closed_points
    from project_tasks
    cross join kinds
    where
        project_tasks.closed_at is not null
        and (kinds.period != 'day' or project_tasks.is_every_task)
),

-- So that periods in which nothing was closed are there, with 0.
periods_without_tasks as (
    select
        project_phid,
        'all' as subtype,
        'all' as priority_name,
        period,
        period_started_date,
        0 as closed_tasks_count,
        0 as closed_points
    from project_periods
),

closed_tasks_and_periods as (
    select * from closed_tasks
    union all
    select * from periods_without_tasks
),

throughput as (
    select
        project_phid,
        subtype,
        priority_name,
        period,
        period_started_date,
        cast(sum(closed_tasks_count) as bigint) as closed_tasks_count,
        coalesce({{ without_dust('sum(closed_points)') }}, 0) as closed_points
    from closed_tasks_and_periods
    group by project_phid, subtype, priority_name, period, period_started_date
)

select * from throughput
