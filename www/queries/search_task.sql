-- Search: the task of a number (task_id)
select task_id, title, status_name, is_closed, created_at
from tasks
where task_id = cast(:task_id as integer)
