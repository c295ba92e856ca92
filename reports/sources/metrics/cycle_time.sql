-- One row per project and complete month of the last three years in which a task was finished.
select
    metric_cycle_time.project_phid,
    metric_cycle_time.period_started_date,
    metric_cycle_time.finished_tasks_count,
    metric_cycle_time.cycle_time_p50_days,
    metric_cycle_time.cycle_time_p85_days,
    metric_cycle_time.cycle_time_p95_days
from metric_cycle_time
cross join about
where
    metric_cycle_time.period = 'month'
    and metric_cycle_time.subtype = 'all'
    and metric_cycle_time.priority_name = 'all'
    and metric_cycle_time.finished_tasks_count > 0
    and metric_cycle_time.period_started_date >= date(about.as_of, '-3 years')
    and date(metric_cycle_time.period_started_date, '+1 month') <= date(about.as_of)
