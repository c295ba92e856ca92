-- The figures of a milestone are those of the tasks that are tagged with it, but for excluded subtypes.
with

milestones as (
    select * from {{ ref('metric_milestones') }}
),

project_tasks as (
    select * from {{ ref('project_tasks') }}
    where is_published
),

tasks as (
    select * from {{ ref('tasks') }}
    where is_published
),

settings as (
    select * from {{ ref('int_projects_given_settings') }}
),

counts as (
    select
        project_tasks.project_phid,
        count(*) as tasks_count,
        sum(case when tasks.is_closed then 1 else 0 end) as closed_tasks_count,
        sum(tasks.points) as total_points
    from project_tasks
    inner join tasks on project_tasks.task_id = tasks.task_id
    inner join settings on project_tasks.project_phid = settings.project_phid
    where coalesce(settings.excluded_subtypes, '') = ''
    group by project_tasks.project_phid
),

differences as (
    select
        milestones.project_phid,
        counts.tasks_count as expected_count,
        milestones.tasks_count as found_count
    from milestones
    inner join counts on milestones.project_phid = counts.project_phid
    where
        milestones.tasks_count != counts.tasks_count
        or milestones.closed_tasks_count != counts.closed_tasks_count
        or abs(milestones.total_points - coalesce(counts.total_points, 0)) > 0.001
)

select * from differences
