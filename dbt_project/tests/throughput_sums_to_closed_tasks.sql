-- Whatever the period, the tasks of a project that were ever counted are those that are closed and
-- published.
with

tasks as (
    select * from {{ ref('tasks') }}
    where is_closed and is_published
),

project_tasks as (
    select * from {{ ref('project_tasks') }}
    where is_published
),

closed_tasks as (
    select
        project_tasks.project_phid,
        tasks.task_id,
        tasks.points
    from tasks
    inner join project_tasks on tasks.task_id = project_tasks.task_id
    union all
    select
        'all' as project_phid,
        task_id,
        points
    from tasks
),

expected as (
    select
        project_phid,
        count(*) as closed_tasks_count,
        coalesce(sum(points), 0) as closed_points
    from closed_tasks
    group by project_phid
),

found as (
    select
        project_phid,
        period,
        sum(closed_tasks_count) as closed_tasks_count,
        sum(closed_points) as closed_points
    from {{ ref('metric_throughput') }}
    group by project_phid, period
),

differences as (
    select
        found.project_phid,
        found.period,
        found.closed_tasks_count as found_count,
        coalesce(expected.closed_tasks_count, 0) as expected_count
    from found
    left join expected on found.project_phid = expected.project_phid
    where
        found.closed_tasks_count != coalesce(expected.closed_tasks_count, 0)
        or abs(found.closed_points - coalesce(expected.closed_points, 0)) > 0.001
),

missing as (
    select
        expected.project_phid,
        cast(null as varchar) as period,
        0 as found_count,
        expected.closed_tasks_count as expected_count
    from expected
    left join found on expected.project_phid = found.project_phid
    where found.project_phid is null
),

findings as (
    select * from differences
    union all
    select * from missing
)

select * from findings
