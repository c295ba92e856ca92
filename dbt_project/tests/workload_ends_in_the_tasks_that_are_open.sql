-- In the last week the open tasks of a project are those that are open now, with the owners that
-- history gives them now. (Where the server says another, last_spans_equal_current_values warns.)
with

workload as (
    select
        *,
        row_number() over (partition by project_phid order by period_started_date desc) as place
    from {{ ref('metric_workload') }}
),

last_week as (
    select max(period_started_date) as period_started_date
    from {{ ref('int_project_periods_spined') }}
    where period = 'week'
),

workload_now as (
    select workload.*
    from workload
    inner join last_week on workload.period_started_date = last_week.period_started_date
),

owners as (
    select * from {{ ref('task_spans') }}
    where span_kind = 'owner' and ended_at is null
),

open_tasks as (
    select
        project_tasks.project_phid,
        count(*) as open_tasks_count,
        count(owners.span_value) as assigned_tasks_count,
        count(distinct owners.span_value) as people_count,
        count(project_tasks.started_at) as wip_count
    from {{ ref('int_project_tasks_measured') }} as project_tasks
    left join owners on project_tasks.task_id = owners.task_id
    where not project_tasks.is_closed
    group by project_tasks.project_phid
),

differences as (
    select
        coalesce(open_tasks.project_phid, workload_now.project_phid) as project_phid,
        open_tasks.open_tasks_count as expected_count,
        workload_now.open_tasks_count as found_count
    from open_tasks
    full outer join workload_now on open_tasks.project_phid = workload_now.project_phid
    where
        open_tasks.open_tasks_count is distinct from workload_now.open_tasks_count
        or open_tasks.assigned_tasks_count != workload_now.assigned_tasks_count
        or open_tasks.people_count != workload_now.people_count
        or open_tasks.wip_count != workload_now.wip_count
)

select * from differences
