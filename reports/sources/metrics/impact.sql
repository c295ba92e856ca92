-- One row per declared change, project or pipeline that it concerns, and measure; the newest change first.
select
    metric_change_impact.change_key,
    process_changes.title,
    process_changes.started_date,
    process_changes.settled_date,
    case metric_change_impact.subject_key
        when 'all' then 'the whole site'
        else coalesce(projects.project_path, metric_change_impact.subject_key)
    end as subject_name,
    metric_change_impact.measure,
    metric_change_impact.unit,
    metric_change_impact.verdict,
    metric_change_impact.before_value,
    metric_change_impact.after_value,
    metric_change_impact.before_weeks_count,
    metric_change_impact.after_weeks_count,
    metric_change_impact.before_samples_count,
    metric_change_impact.after_samples_count,
    metric_change_impact.difference,
    metric_change_impact.difference_share,
    metric_change_impact.difference_low,
    metric_change_impact.difference_high,
    metric_change_impact.adjusted_p_value,
    metric_change_impact.is_expected,
    metric_change_impact.is_as_expected,
    metric_change_impact.caveats,
    metric_change_impact.sequence
from metric_change_impact
inner join process_changes on metric_change_impact.change_key = process_changes.change_key
left join projects on metric_change_impact.subject_key = projects.project_phid
where process_changes.change_key in (
    select newest.change_key from process_changes as newest
    order by newest.started_date desc limit 20
)
order by
    process_changes.started_date desc,
    metric_change_impact.change_key,
    subject_name,
    metric_change_impact.sequence
