-- Search: columns of workboards whose name has the words of q
select project_columns.column_phid, project_columns.column_name, projects.project_phid, projects.project_path
from project_columns
inner join projects on project_columns.project_phid = projects.project_phid
where coalesce(:q, '') <> '' and instr(lower(project_columns.column_name), lower(:q)) > 0
order by
    projects.is_archived,
    projects.open_tasks_count + projects.closed_tasks_count desc,
    project_columns.column_name
limit 21
