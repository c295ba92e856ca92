-- Whatever the period and the slice, the tasks of a project that were ever counted are those that are
-- closed and published, less those whose subtype the project leaves out.
with

tasks as (
    select * from {{ ref('tasks') }}
    where is_closed and is_published
),

project_tasks as (
    select * from {{ ref('project_tasks') }}
    where is_published
),

settings as (
    select * from {{ ref('int_projects_given_settings') }}
),

project_tasks_and_all as (
    select
        project_phid,
        task_id
    from project_tasks
    union all
    select
        'all' as project_phid,
        task_id
    from tasks
),

closed_tasks as (
    select
        project_tasks_and_all.project_phid,
        {{ slice_value('tasks.subtype') }} as subtype,
        {{ slice_value('tasks.priority_name') }} as priority_name,
        coalesce(tasks.points, 0) as points
    from project_tasks_and_all
    inner join tasks on project_tasks_and_all.task_id = tasks.task_id
    inner join settings on project_tasks_and_all.project_phid = settings.project_phid
    where not coalesce({{ is_among('tasks.subtype', 'settings.excluded_subtypes') }}, false)
),

expected as (
    select
        project_phid,
        coalesce(subtype, 'all') as subtype,
        coalesce(priority_name, 'all') as priority_name,
        count(*) as tasks_count,
        sum(points) as points
    from closed_tasks
    group by project_phid, cube(subtype, priority_name)
),

found as (
    select
        project_phid,
        subtype,
        priority_name,
        period,
        sum(closed_tasks_count) as tasks_count,
        sum(closed_points) as points
    from {{ ref('metric_throughput') }}
    group by project_phid, subtype, priority_name, period
    having sum(closed_tasks_count) > 0
),

periods as (
    select 'day' as period
    union all
    select 'week' as period
    union all
    select 'month' as period
),

expected_by_period as (
    select
        expected.*,
        periods.period
    from expected
    inner join periods
        on periods.period != 'day' or (expected.subtype = 'all' and expected.priority_name = 'all')
),

differences as (
    select
        coalesce(found.project_phid, expected_by_period.project_phid) as project_phid,
        coalesce(found.period, expected_by_period.period) as period,
        coalesce(found.subtype, expected_by_period.subtype) as subtype,
        coalesce(found.priority_name, expected_by_period.priority_name) as priority_name,
        found.tasks_count as found_count,
        expected_by_period.tasks_count as expected_count
    from found
    full outer join expected_by_period
        on
            found.project_phid = expected_by_period.project_phid
            and found.subtype = expected_by_period.subtype
            and found.priority_name = expected_by_period.priority_name
            and found.period = expected_by_period.period
    where
        coalesce(found.tasks_count, 0) != coalesce(expected_by_period.tasks_count, 0)
        or abs(coalesce(found.points, 0) - coalesce(expected_by_period.points, 0)) > 0.001
)

select * from differences
