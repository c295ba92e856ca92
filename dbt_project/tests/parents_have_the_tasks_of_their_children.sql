-- Whatever counts for a sub-project or milestone counts for its parent.
with

project_tasks as (
    select * from {{ ref('project_tasks') }}
),

projects as (
    select * from {{ ref('projects') }}
),

tasks_of_parents as (
    select
        projects.parent_project_phid as project_phid,
        project_tasks.task_id
    from project_tasks
    inner join projects on project_tasks.project_phid = projects.project_phid
    inner join projects as parents on projects.parent_project_phid = parents.project_phid
),

missing_tasks as (
    select tasks_of_parents.*
    from tasks_of_parents
    left join project_tasks
        on
            tasks_of_parents.project_phid = project_tasks.project_phid
            and tasks_of_parents.task_id = project_tasks.task_id
    where project_tasks.task_id is null
)

select * from missing_tasks
