-- Search: what a PHID (phid) names
select
    'task' as kind,
    cast(task_id as text) as key,
    title as name
from tasks
where task_phid = :phid
union all
select
    'project' as kind,
    project_phid as key,
    project_path as name
from projects
where project_phid = :phid
union all
select
    'column' as kind,
    project_phid as key,
    column_name as name
from project_columns
where column_phid = :phid
union all
select
    'person' as kind,
    user_phid as key,
    username as name
from users
where user_phid = :phid
