-- One row per project and complete week of the last three years.
select
    metric_throughput.project_phid,
    metric_throughput.period_started_date,
    metric_throughput.closed_tasks_count
from metric_throughput
cross join about
where
    metric_throughput.period = 'week'
    and metric_throughput.subtype = 'all'
    and metric_throughput.priority_name = 'all'
    and metric_throughput.period_started_date >= date(about.as_of, '-3 years')
    and date(metric_throughput.period_started_date, '+7 days') <= date(about.as_of)
