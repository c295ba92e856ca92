-- One row for the whole site, and one per project that has a report of its own: the 100 with most events in
-- the last six months.
with months as (
    select
        metric_active_projects.project_phid,
        sum(metric_active_projects.events_count) as events_count
    from metric_active_projects
    cross join about
    where
        metric_active_projects.project_phid != 'all'
        and metric_active_projects.period_started_date >= date(about.as_of, 'start of month', '-5 months')
    group by metric_active_projects.project_phid
),

active_projects as (
    select
        projects.project_phid,
        projects.project_path,
        -- A name that any web server can serve as a file; slugs may be in any script, and milestones have none.
        case
            when projects.slug != '' and projects.slug not glob '*[^a-z0-9_-]*' and length(projects.slug) <= 80
                then projects.slug
            else 'project-' || projects.project_id
        end as page_name,
        row_number() over (order by months.events_count desc, projects.project_id) as place
    from months
    inner join projects on months.project_phid = projects.project_phid
    where months.events_count > 0
)

select
    'all' as project_phid,
    'All projects' as project_path,
    'all' as page_name,
    0 as place
union all
select
    project_phid,
    project_path,
    page_name,
    place
from active_projects
where place <= 100
