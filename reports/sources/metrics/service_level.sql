-- One row per reported project and week of the last half year that is over and has an expectation.
select
    metric_service_level.project_phid,
    metric_service_level.period_started_date,
    metric_service_level.service_level_percentile,
    metric_service_level.window_tasks_count,
    metric_service_level.cycle_time_p50_days,
    metric_service_level.expected_cycle_time_days,
    metric_service_level.finished_tasks_count,
    metric_service_level.tasks_within_expectation_count,
    metric_service_level.within_expectation_share,
    metric_service_level.has_enough_tasks
from _reported
cross join about
inner join metric_service_level
    on
        _reported.project_phid = metric_service_level.project_phid
        and metric_service_level.period_started_date >= date(about.as_of, '-189 days')
        and date(metric_service_level.period_started_date, '+7 days') <= date(about.as_of)
        and metric_service_level.expected_cycle_time_days is not null
order by metric_service_level.project_phid, metric_service_level.period_started_date
