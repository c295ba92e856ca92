-- Time that a task is blocked for several causes counts once, so that it is no more than that of all causes
-- together and no less than that of any; and nobody is blocked for longer than a month has days.
with

blocked_time as (
    select * from {{ ref('metric_blocked_time') }}
),

findings as (
    select * from blocked_time
    where
        blocked_days > blocked_by_subtasks_days + blocked_by_status_days + blocked_by_column_days + 0.001
        or blocked_days
        < greatest(blocked_by_subtasks_days, blocked_by_status_days, blocked_by_column_days) - 0.001
        or blocked_days > blocked_tasks_count * 31.1
        or blocked_at_end_tasks_count > blocked_tasks_count
)

select * from findings
