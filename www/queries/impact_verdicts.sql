-- Impact: what came of one declared change (subject, its key), by whom it concerns and measure
select
    metric_change_impact.subject_kind,
    metric_change_impact.subject_key,
    metric_change_impact.measure,
    metric_change_impact.unit,
    metric_change_impact.verdict,
    metric_change_impact.caveats,
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
    metric_change_impact.is_expected,
    metric_change_impact.is_as_expected,
    metric_change_impact.sequence
from metric_change_impact
where metric_change_impact.change_key = :subject
order by metric_change_impact.subject_kind desc, metric_change_impact.subject_key, metric_change_impact.sequence
