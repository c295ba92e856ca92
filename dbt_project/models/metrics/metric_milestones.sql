with

projects as (
    select * from {{ ref('projects') }}
    where is_published
),

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

tags as (
    select * from {{ ref('task_projects') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

recently as (
    select {{ days_before('as_of', 28) }} as since
    from extraction
),

tasks_of_milestones as (
    select
        project_tasks.*,
        project_tasks.started_at is not null and not project_tasks.is_closed as is_in_progress,
        project_tasks.created_at > recently.since as is_created_recently,
        coalesce(tags.tagged_at > recently.since, false) as is_added_recently,
        coalesce(project_tasks.closed_at > recently.since, false) as is_closed_recently
    from project_tasks
    inner join projects on project_tasks.project_phid = projects.project_phid and projects.is_milestone
    left join tags
        on project_tasks.task_id = tags.task_id and project_tasks.project_phid = tags.project_phid
    cross join recently
),

counts as (
    select
        project_phid,
        count(*) as tasks_count,
        sum(case when is_closed then 1 else 0 end) as closed_tasks_count,
        sum(case when is_in_progress then 1 else 0 end) as wip_count,
        {{ without_dust('sum(points)') }} as total_points,
        {{ without_dust('sum(case when is_closed then points end)') }} as closed_points,
        sum(case when is_created_recently then 1 else 0 end) as created_tasks_count,
        sum(case when is_added_recently then 1 else 0 end) as added_tasks_count,
        sum(case when is_closed_recently then 1 else 0 end) as closed_recently_count,
        min(created_at) as first_created_at,
        min(started_at) as first_started_at,
        max(closed_at) as last_closed_at
    from tasks_of_milestones
    group by project_phid
),

milestones as (
    select
        projects.project_phid,
        parents.project_phid as parent_project_phid,
        projects.milestone_number,
        coalesce(counts.tasks_count, 0) as tasks_count,
        cast(coalesce(counts.closed_tasks_count, 0) as bigint) as closed_tasks_count,
        cast(coalesce(counts.wip_count, 0) as bigint) as wip_count,
        cast(counts.closed_tasks_count / counts.tasks_count as double) as closed_tasks_share,
        coalesce(counts.total_points, 0) as total_points,
        coalesce(counts.closed_points, 0) as closed_points,
        coalesce(counts.closed_points, 0) / nullif(counts.total_points, 0) as closed_points_share,
        cast(coalesce(counts.created_tasks_count, 0) as bigint) as created_tasks_28_days_count,
        cast(coalesce(counts.added_tasks_count, 0) as bigint) as added_tasks_28_days_count,
        cast(coalesce(counts.closed_recently_count, 0) as bigint) as closed_tasks_28_days_count,
        projects.is_archived,
        counts.first_created_at,
        counts.first_started_at,
        counts.last_closed_at
    from projects
    left join projects as parents on projects.parent_project_phid = parents.project_phid
    left join counts on projects.project_phid = counts.project_phid
    where projects.is_milestone
)

select * from milestones
