-- Impact: signals of the last year that no declared change explains, of a project (subject_kind project, subject its PHID or all) or pipeline
select
    metric_process_behaviour.week_started_date,
    metric_process_behaviour.measure,
    metric_process_behaviour.unit,
    metric_process_behaviour.signal,
    metric_process_behaviour.measured_value,
    metric_process_behaviour.centre_value,
    metric_process_behaviour.lower_limit,
    metric_process_behaviour.upper_limit
from metric_process_behaviour
where
    metric_process_behaviour.subject_kind = :subject_kind
    and metric_process_behaviour.subject_key = :subject
    and metric_process_behaviour.signal is not null
    and metric_process_behaviour.change_key is null
    and metric_process_behaviour.week_started_date >= date((select about.as_of from about), '-12 months')
order by metric_process_behaviour.week_started_date desc, metric_process_behaviour.sequence
limit 200
