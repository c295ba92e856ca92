-- One row per figure and week of the last year of the whole site, and of each reported project per figure of the last week.
select
    metric_headlines.project_phid,
    metric_headlines.figure,
    metric_headlines.metric_name,
    metric_headlines.unit,
    metric_headlines.period_started_date,
    metric_headlines.verdict,
    metric_headlines.figure_value,
    metric_headlines.previous_value,
    metric_headlines.change_value,
    metric_headlines.usual_lowest_value,
    metric_headlines.usual_highest_value,
    metric_headlines.beyond_usual_ratio,
    metric_headlines.sequence,
    metric_headlines.verdict_since_date,
    metric_headlines.is_last_week
from metric_headlines
inner join _reported on metric_headlines.project_phid = _reported.project_phid
cross join about
where metric_headlines.period_started_date >= date(about.as_of, '-378 days')
order by metric_headlines.project_phid, metric_headlines.sequence, metric_headlines.period_started_date
