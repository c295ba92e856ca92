-- Overview: what was out of the ordinary in single projects in the last week
select
    metric_headlines.project_phid,
    projects.project_path,
    metric_headlines.figure,
    metric_headlines.metric_name,
    metric_headlines.unit,
    metric_headlines.verdict,
    metric_headlines.figure_value,
    metric_headlines.usual_lowest_value,
    metric_headlines.usual_highest_value,
    metric_headlines.beyond_usual_ratio,
    count(*) over () as unusual_count
from metric_headlines
inner join projects on metric_headlines.project_phid = projects.project_phid
where metric_headlines.is_last_week = 1 and metric_headlines.verdict in ('above', 'below')
order by
    metric_headlines.beyond_usual_ratio desc,
    projects.project_path,
    metric_headlines.sequence
limit 12
