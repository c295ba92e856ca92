-- Overview: the figures of the last 53 weeks, with their usual ranges
select
    sequence,
    figure,
    metric_name,
    unit,
    period_started_date,
    verdict,
    figure_value,
    change_value,
    usual_lowest_value,
    usual_highest_value,
    usual_weeks_count,
    is_last_week
from metric_headlines
where
    project_phid = 'all'
    and sequence in (1, 2, 3, 4, 5, 6, 7)
    and period_started_date >= date((select substr(as_of, 1, 10) from about), '-378 days')
order by sequence, period_started_date
