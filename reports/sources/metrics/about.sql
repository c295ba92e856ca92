-- One row: the day of the last complete extraction, and the last week and month that are over.
select
    date(about.as_of) as as_of_date,
    (
        select max(metric_headlines.period_started_date)
        from metric_headlines
        where metric_headlines.project_phid = 'all' and metric_headlines.is_last_week = 1
    ) as last_week_date,
    -- The statistics end with the month that is not over.
    (
        select date(max(metric_monthly_statistics.period_started_date), '-1 month')
        from metric_monthly_statistics
    ) as last_month_date
from about
