-- Impact: the declared changes, the newest first, with whom each concerns
select
    process_changes.change_key,
    process_changes.title,
    process_changes.link,
    process_changes.task_id,
    process_changes.started_date,
    process_changes.settled_date,
    process_changes.ended_date,
    process_changes.declared_in,
    process_change_targets.subject_kind,
    process_change_targets.subject_key,
    case process_change_targets.subject_key
        when 'all' then 'The whole site'
        else coalesce(projects.project_path, process_change_targets.subject_key)
    end as subject
from process_changes
inner join process_change_targets on process_changes.change_key = process_change_targets.change_key
left join projects on process_change_targets.subject_key = projects.project_phid
where process_changes.change_key in (
    select newest.change_key from process_changes as newest
    order by newest.started_date desc limit 100
)
order by
    process_changes.started_date desc,
    process_changes.change_key,
    case process_change_targets.subject_key when 'all' then 0 else 1 end,
    process_change_targets.subject_kind desc,
    subject
