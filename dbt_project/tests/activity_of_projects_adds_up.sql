-- Over all months a project's tasks were created once each, and the site's events are those of its tasks.
with

activity as (
    select
        project_phid,
        sum(created_tasks_count) as created_tasks_count,
        sum(closed_tasks_count) as closed_tasks_count,
        sum(events_count) as events_count
    from {{ ref('metric_active_projects') }}
    group by project_phid
),

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

tasks_of_projects as (
    select
        project_phid,
        count(*) as created_tasks_count,
        count(closed_at) as closed_tasks_count
    from project_tasks
    group by project_phid
),

events_of_site as (
    select count(*) as events_count
    from {{ ref('task_events') }} as events
    inner join project_tasks on events.task_id = project_tasks.task_id and project_tasks.project_phid = 'all'
    where events.is_published
),

wrong_tasks as (
    select
        activity.project_phid,
        'tasks' as what
    from tasks_of_projects
    left join activity on tasks_of_projects.project_phid = activity.project_phid
    where
        activity.created_tasks_count is distinct from tasks_of_projects.created_tasks_count
        or activity.closed_tasks_count is distinct from tasks_of_projects.closed_tasks_count
),

wrong_events as (
    select
        activity.project_phid,
        'events' as what
    from activity
    cross join events_of_site
    where activity.project_phid = 'all' and activity.events_count != events_of_site.events_count
),

findings as (
    select * from wrong_tasks
    union all
    select * from wrong_events
)

select * from findings
