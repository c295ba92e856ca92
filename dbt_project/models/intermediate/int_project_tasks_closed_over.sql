with

tags as (
    select * from {{ ref('int_task_tags_gathered') }}
),

ancestors as (
    select * from {{ ref('int_project_ancestors_resolved') }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
),

-- A tag whose project the reading account may not see counts for that project alone.
tags_of_ancestors as (
    select
        tags.task_id,
        coalesce(ancestors.ancestor_phid, tags.project_phid) as project_phid,
        coalesce(ancestors.distance, 0) as distance
    from tags
    left join ancestors on tags.project_phid = ancestors.project_phid
),

project_tasks as (
    select
        project_phid,
        task_id,
        min(distance) = 0 as is_direct
    from tags_of_ancestors
    group by project_phid, task_id
),

screened as (
    select
        project_tasks.project_phid,
        project_tasks.task_id,
        project_tasks.is_direct,
        screened_tasks.created_at,
        screened_tasks.is_published as is_task_published,
        screened_tasks.is_published and coalesce(screened_projects.is_published, false) as is_published
    from project_tasks
    inner join screened_tasks on project_tasks.task_id = screened_tasks.task_id
    left join screened_projects on project_tasks.project_phid = screened_projects.project_phid
)

select * from screened
