with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

closed_spans as (
    select * from {{ ref('int_task_closed_spans') }}
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
),

turns as (
    select
        task_id,
        span_value,
        started_at as turned_at,
        {{ local_date('started_at') }} as turned_date
    from closed_spans
),

-- Every task arrives when it is created, even if it was closed in that second.
changes as (
    select
        project_phid,
        subtype,
        priority_name,
        created_date as changed_date,
        1 as created_tasks_count,
        0 as reopenings_count,
        0 as closings_count
    from project_tasks
    union all
    select
        project_tasks.project_phid,
        project_tasks.subtype,
        project_tasks.priority_name,
        turns.turned_date as changed_date,
        0 as created_tasks_count,
        case when turns.span_value = 'open' then 1 else 0 end as reopenings_count,
        case when turns.span_value = 'closed' then 1 else 0 end as closings_count
    from project_tasks
    inner join turns
        on
            project_tasks.task_id = turns.task_id
            and (turns.span_value = 'closed' or project_tasks.created_at < turns.turned_at)
),

changes_by_day as (
    select
        project_phid,
        subtype,
        priority_name,
        changed_date,
        sum(created_tasks_count) as created_tasks_count,
        sum(reopenings_count) as reopenings_count,
        sum(closings_count) as closings_count
    from changes
    group by project_phid, subtype, priority_name, changed_date
),

kinds as (
    select distinct period
    from project_periods
),

changes_in_periods as (
    select
        changes_by_day.project_phid,
        changes_by_day.subtype,
        changes_by_day.priority_name,
        kinds.period,
        {{ period_of_date('kinds.period', 'changes_by_day.changed_date') }} as period_started_date,
        changes_by_day.created_tasks_count,
        changes_by_day.reopenings_count,
        changes_by_day.closings_count
    from changes_by_day
    cross join kinds
),

changes_by_period as (
    select
        project_phid,
        subtype,
        priority_name,
        period,
        period_started_date,
        sum(created_tasks_count) as created_tasks_count,
        sum(reopenings_count) as reopenings_count,
        sum(closings_count) as closings_count
    from changes_in_periods
    group by project_phid, subtype, priority_name, period, period_started_date
),
{{ sums_by_period('changes_by_period', ['created_tasks_count', 'reopenings_count', 'closings_count']) }},

periods_with_net_flow as (
    select
        *,
        created_tasks_count + reopenings_count as arrivals_count,
        created_tasks_count + reopenings_count - closings_count as net_flow_count
    from periods
),

net_flow as (
    select
        project_phid,
        subtype,
        priority_name,
        period,
        period_started_date,
        cast(created_tasks_count as bigint) as created_tasks_count,
        cast(reopenings_count as bigint) as reopenings_count,
        cast(arrivals_count as bigint) as arrivals_count,
        cast(closings_count as bigint) as closings_count,
        cast(net_flow_count as bigint) as net_flow_count,
        cast(
            sum(net_flow_count) over (
                partition by project_phid, subtype, priority_name, period order by period_started_date
                rows between unbounded preceding and current row
            ) as bigint
        ) as open_tasks_count
    from periods_with_net_flow
)

select * from net_flow
