-- One row per reported project and complete week of the last two years.
select
    metric_throughput.project_phid,
    metric_throughput.period_started_date,
    metric_throughput.closed_tasks_count,
    metric_net_flow.created_tasks_count,
    metric_net_flow.open_tasks_count
from _reported
cross join about
inner join metric_throughput
    on
        _reported.project_phid = metric_throughput.project_phid
        and metric_throughput.period = 'week'
        and metric_throughput.subtype = 'all'
        and metric_throughput.priority_name = 'all'
        and metric_throughput.period_started_date >= date(about.as_of, '-735 days')
        and date(metric_throughput.period_started_date, '+7 days') <= date(about.as_of)
left join metric_net_flow
    on
        metric_throughput.project_phid = metric_net_flow.project_phid
        and metric_throughput.period = metric_net_flow.period
        and metric_throughput.period_started_date = metric_net_flow.period_started_date
        and metric_net_flow.subtype = 'all'
        and metric_net_flow.priority_name = 'all'
order by metric_throughput.project_phid, metric_throughput.period_started_date
