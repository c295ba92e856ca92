-- One row per project that has figures, and one for the whole site.
select
    'all' as project_phid,
    'All projects' as project_path,
    0 as is_archived
union all
select
    project_phid,
    project_path,
    is_archived
from projects
where project_phid in (select project_phid from metric_throughput)
