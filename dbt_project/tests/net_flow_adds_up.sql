-- What arrived less what departed is what is open: at the end of every slice and period the same tasks
-- that are open now, by counting them; in all as many created as there are; and at no time less than the
-- work in progress.
with

net_flow as (
    select
        *,
        row_number() over (
            partition by project_phid, subtype, priority_name, period order by period_started_date desc
        ) as place,
        sum(created_tasks_count) over (
            partition by project_phid, subtype, priority_name, period
        ) as all_created_tasks_count
    from {{ ref('metric_net_flow') }}
),

counted as (
    select
        project_phid,
        subtype,
        priority_name,
        count(*) as tasks_count,
        sum(case when is_closed then 0 else 1 end) as open_tasks_count
    from {{ ref('int_project_task_slices') }}
    group by project_phid, subtype, priority_name
),

ages as (
    select * from {{ ref('metric_open_task_age') }}
),

wrong_ends as (
    select
        counted.project_phid,
        counted.subtype,
        counted.priority_name,
        net_flow.period,
        net_flow.period_started_date,
        counted.open_tasks_count as expected_count,
        net_flow.open_tasks_count as found_count
    from counted
    left join net_flow
        on
            counted.project_phid = net_flow.project_phid
            and counted.subtype = net_flow.subtype
            and counted.priority_name = net_flow.priority_name
            and net_flow.place = 1
    left join ages
        on
            counted.project_phid = ages.project_phid
            and counted.subtype = ages.subtype
            and counted.priority_name = ages.priority_name
    where
        net_flow.open_tasks_count is distinct from counted.open_tasks_count
        or net_flow.all_created_tasks_count != counted.tasks_count
        or coalesce(ages.open_tasks_count, 0) != counted.open_tasks_count
),

work_in_progress as (
    select * from {{ ref('metric_wip') }}
),

too_much_wip as (
    select
        net_flow.project_phid,
        net_flow.subtype,
        net_flow.priority_name,
        net_flow.period,
        net_flow.period_started_date,
        work_in_progress.wip_count as expected_count,
        net_flow.open_tasks_count as found_count
    from net_flow
    inner join work_in_progress
        on
            net_flow.project_phid = work_in_progress.project_phid
            and net_flow.subtype = work_in_progress.subtype
            and net_flow.priority_name = work_in_progress.priority_name
            and net_flow.period = work_in_progress.period
            and net_flow.period_started_date = work_in_progress.period_started_date
    where work_in_progress.wip_count > net_flow.open_tasks_count
),

findings as (
    select * from wrong_ends
    union all
    select * from too_much_wip
)

select * from findings
