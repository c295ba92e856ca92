-- Of the tasks that were closed in a month no more were opened again than were closed, and no task was closed
-- more than once without a closing of its own.
with

reopen_rate as (
    select * from {{ ref('metric_reopen_rate') }}
),

net_flow as (
    select * from {{ ref('metric_net_flow') }}
    where period = 'month'
),

findings as (
    select reopen_rate.*
    from reopen_rate
    left join net_flow
        on
            reopen_rate.project_phid = net_flow.project_phid
            and reopen_rate.subtype = net_flow.subtype
            and reopen_rate.priority_name = net_flow.priority_name
            and reopen_rate.period_started_date = net_flow.period_started_date
    where
        reopen_rate.reopened_tasks_count > reopen_rate.once_closed_tasks_count
        or reopen_rate.once_closed_tasks_count > coalesce(net_flow.closings_count, 0)
        or (reopen_rate.once_closed_tasks_count = 0 and net_flow.closings_count > 0)
)

select * from findings
