-- One row per reported project and complete month of the last two years in which a task was finished.
select
    metric_cycle_time.project_phid,
    metric_cycle_time.period_started_date,
    metric_cycle_time.finished_tasks_count,
    metric_cycle_time.cycle_time_p50_days,
    metric_cycle_time.cycle_time_p85_days,
    metric_cycle_time.cycle_time_p95_days
from _reported
cross join about
inner join metric_cycle_time
    on
        _reported.project_phid = metric_cycle_time.project_phid
        and metric_cycle_time.period = 'month'
        and metric_cycle_time.subtype = 'all'
        and metric_cycle_time.priority_name = 'all'
        and metric_cycle_time.finished_tasks_count > 0
        and metric_cycle_time.period_started_date >= date(about.as_of, 'start of month', '-24 months')
        and date(metric_cycle_time.period_started_date, '+1 month') <= date(about.as_of)
order by metric_cycle_time.project_phid, metric_cycle_time.period_started_date
