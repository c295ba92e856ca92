with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
    where project_phid != 'all'
),

ancestors as (
    select * from {{ ref('int_project_ancestors_resolved') }}
),

totals as (
    select
        project_phid,
        count(*) as tasks_count
    from project_tasks
    group by project_phid
),

-- Fewer tasks than five are chance, and a project of fewer can share no more.
projects_with_tasks as (
    select project_tasks.*
    from project_tasks
    inner join totals on project_tasks.project_phid = totals.project_phid and totals.tasks_count >= 5
),

pairs as (
    select
        projects_with_tasks.project_phid,
        other_tasks.project_phid as other_project_phid,
        count(*) as shared_tasks_count,
        sum(case when projects_with_tasks.is_closed then 0 else 1 end) as shared_open_tasks_count,
        sum(case when projects_with_tasks.is_closed then 1 else 0 end) as shared_closed_tasks_count
    from projects_with_tasks
    inner join projects_with_tasks as other_tasks
        on
            projects_with_tasks.task_id = other_tasks.task_id
            and projects_with_tasks.project_phid < other_tasks.project_phid
    group by projects_with_tasks.project_phid, other_tasks.project_phid
    having count(*) >= 5
),

-- A parent shares all tasks of its sub-projects and milestones by definition.
unrelated_pairs as (
    select pairs.*
    from pairs
    left join ancestors as above
        on pairs.project_phid = above.project_phid and pairs.other_project_phid = above.ancestor_phid
    left join ancestors as below
        on pairs.other_project_phid = below.project_phid and pairs.project_phid = below.ancestor_phid
    where above.project_phid is null and below.project_phid is null
),

-- Each pair is there from both sides, so that a page can ask for one project.
both_sides as (
    select
        project_phid,
        other_project_phid,
        shared_tasks_count,
        shared_open_tasks_count,
        shared_closed_tasks_count
    from unrelated_pairs
    union all
    select
        other_project_phid as project_phid,
        project_phid as other_project_phid,
        shared_tasks_count,
        shared_open_tasks_count,
        shared_closed_tasks_count
    from unrelated_pairs
),

coincident_projects as (
    select
        both_sides.project_phid,
        both_sides.other_project_phid,
        both_sides.shared_tasks_count,
        cast(both_sides.shared_open_tasks_count as bigint) as shared_open_tasks_count,
        cast(both_sides.shared_closed_tasks_count as bigint) as shared_closed_tasks_count,
        both_sides.shared_tasks_count / totals.tasks_count as shared_share,
        both_sides.shared_tasks_count / least(totals.tasks_count, other_totals.tasks_count)
            as shared_of_smaller_share
    from both_sides
    inner join totals on both_sides.project_phid = totals.project_phid
    inner join totals as other_totals on both_sides.other_project_phid = other_totals.project_phid
)

select * from coincident_projects
