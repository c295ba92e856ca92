with

projects as (
    select * from {{ ref('stg_phabricator__projects') }}
),

ancestors as (
    select * from {{ ref('int_project_ancestors_resolved') }}
),

project_tasks as (
    select * from {{ ref('int_project_tasks_closed_over') }}
),

closings as (
    select * from {{ ref('int_tasks_closed') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
),

task_counts as (
    select
        project_tasks.project_phid,
        sum(case when coalesce(closings.is_closed, false) then 0 else 1 end) as open_tasks_count,
        sum(case when coalesce(closings.is_closed, false) then 1 else 0 end) as closed_tasks_count
    from project_tasks
    left join closings on project_tasks.task_id = closings.task_id
    where project_tasks.is_task_published
    group by project_tasks.project_phid
),

projects_with_counts as (
    select
        projects.project_phid,
        projects.project_id,
        projects.project_name,
        ancestors.project_path,
        case
            when parents.is_published or not screened_projects.is_published then projects.parent_project_phid
        end as parent_project_phid,
        projects.slug,
        projects.subtype,
        projects.icon,
        projects.color,
        projects.project_status,
        projects.view_policy,
        projects.milestone_number,
        projects.depth,
        cast(coalesce(task_counts.open_tasks_count, 0) as bigint) as open_tasks_count,
        cast(coalesce(task_counts.closed_tasks_count, 0) as bigint) as closed_tasks_count,
        projects.is_milestone,
        projects.is_archived,
        screened_projects.is_published,
        projects.created_at,
        projects.modified_at
    from projects
    inner join ancestors on projects.project_phid = ancestors.project_phid and ancestors.is_root
    inner join screened_projects on projects.project_phid = screened_projects.project_phid
    left join screened_projects as parents on projects.parent_project_phid = parents.project_phid
    left join task_counts on projects.project_phid = task_counts.project_phid
)

select * from projects_with_counts
