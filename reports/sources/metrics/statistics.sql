-- One row per statistic and month of the last three years; ages also by priority.
select
    metric_monthly_statistics.period_started_date,
    metric_monthly_statistics.statistic,
    metric_monthly_statistics.priority_name,
    metric_monthly_statistics.unit,
    metric_monthly_statistics.statistic_value,
    metric_monthly_statistics.previous_value,
    metric_monthly_statistics.change_value,
    metric_monthly_statistics.sequence,
    metric_monthly_statistics.priority,
    metric_monthly_statistics.period_started_date < (
        select max(period_started_date) from metric_monthly_statistics
    ) as is_complete
from metric_monthly_statistics
cross join about
where metric_monthly_statistics.period_started_date >= date(about.as_of, 'start of month', '-36 months')
order by
    metric_monthly_statistics.period_started_date,
    metric_monthly_statistics.sequence,
    metric_monthly_statistics.priority desc
