with

changes as (
    select * from {{ ref('int_process_changes_gathered') }}
    where problem is null
),

targets as (
    select * from {{ ref('int_process_change_targets_found') }}
),

-- A change that names a hidden project beside a public one could say too much of the hidden one.
targets_by_change as (
    select
        change_key,
        bool_or(subject_kind = 'project') as has_projects,
        bool_or(subject_kind = 'pipeline') as has_pipelines,
        bool_and(is_published) as is_published
    from targets
    where subject_key is not null
    group by change_key
),

concerned as (
    select
        changes.change_key,
        changes.title,
        changes.link,
        changes.task_id,
        changes.roll_out,
        case
            when changes.projects_text is null and changes.pipelines_text is null then 'all'
            when targets_by_change.has_projects and targets_by_change.has_pipelines
                then 'projects and pipelines'
            when targets_by_change.has_projects then 'projects'
            else 'pipelines'
        end as concerns,
        changes.declared_in,
        changes.window_weeks,
        changes.is_task_published and targets_by_change.is_published as is_published,
        changes.started_date,
        changes.settled_date,
        changes.ended_date
    from changes
    inner join targets_by_change on changes.change_key = targets_by_change.change_key
)

select * from concerned
