-- Search: tasks whose title has every word of q, the last one as a beginning; of many the newest
with found as (
    select rowid from tasks_fts
    where
        tasks_fts match
        '"' || replace(replace(trim(coalesce(:q, '')), '"', ' '), ' ', '" "')
        || case when trim(coalesce(:q, '')) = '' then '"' else '"*' end
    order by rowid desc
    limit 51
)

select
    tasks.task_id,
    tasks.title,
    tasks.status_name,
    tasks.is_closed,
    tasks.created_at
from found
inner join tasks on found.rowid = tasks.rowid
order by tasks.task_id desc
