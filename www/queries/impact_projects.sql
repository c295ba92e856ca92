-- Impact: the 200 projects that closed most tasks, and the one that is named (subject, its PHID, slug or name)
select
    project_phid,
    project_path,
    slug,
    project_name in (:subject) or slug in (:subject) or project_phid in (:subject) as is_named
from projects
order by is_named desc, closed_tasks_count desc, project_path
limit 200
