-- One row per month of the last year and project: the ten most active.
select
    metric_active_projects.period_started_date,
    metric_active_projects.activity_rank,
    projects.project_path,
    metric_active_projects.events_count,
    metric_active_projects.created_tasks_count,
    metric_active_projects.closed_tasks_count,
    metric_active_projects.active_people_count
from metric_active_projects
inner join projects on metric_active_projects.project_phid = projects.project_phid
cross join about
where
    metric_active_projects.activity_rank <= 10
    and metric_active_projects.period_started_date >= date(about.as_of, 'start of month', '-12 months')
order by metric_active_projects.period_started_date, metric_active_projects.activity_rank, projects.project_path
