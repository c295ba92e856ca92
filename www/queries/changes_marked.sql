-- Declared changes that concern a project (subject_kind project, subject its PHID or all) or a pipeline (subject pipeline/environment)
with recursive

-- What was changed for a parent holds for its sub-projects and milestones.
concerned as (
    select coalesce(nullif(:subject, ''), 'all') as subject_key
    union
    select projects.parent_project_phid
    from concerned
    inner join projects on concerned.subject_key = projects.project_phid
    where projects.parent_project_phid is not null and :subject_kind = 'project'
)

select
    process_changes.change_key,
    process_changes.title,
    process_changes.started_date,
    process_changes.settled_date,
    process_changes.ended_date
from process_changes
where process_changes.change_key in (
    select process_change_targets.change_key
    from process_change_targets
    where
        process_change_targets.subject_kind = :subject_kind
        and (
            process_change_targets.subject_key = 'all'
            or process_change_targets.subject_key in (select concerned.subject_key from concerned)
        )
)
order by process_changes.started_date, process_changes.change_key
limit 200
