-- Search: projects whose path has the words of q
select project_phid, project_path, is_archived, open_tasks_count, closed_tasks_count
from projects
where coalesce(:q, '') <> '' and instr(lower(project_path), lower(:q)) > 0
order by
    lower(project_name) <> lower(:q),
    is_archived,
    open_tasks_count + closed_tasks_count desc,
    project_path
limit 21
