-- Closed tasks are those of the throughput, created tasks add up to all tasks, and the open tasks of the last
-- month are those that are open now.
with

statistics as (
    select * from {{ ref('metric_monthly_statistics') }}
    where priority_name = 'all'
),

throughput as (
    select * from {{ ref('metric_throughput') }}
    where project_phid = 'all' and period = 'month' and subtype = 'all' and priority_name = 'all'
),

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
    where project_phid = 'all'
),

last_month as (
    select max(period_started_date) as period_started_date
    from statistics
),

wrong_throughput as (
    select
        'closed tasks' as what,
        statistics.period_started_date,
        throughput.closed_tasks_count as expected_value,
        statistics.statistic_value as found_value
    from statistics
    left join throughput on statistics.period_started_date = throughput.period_started_date
    where
        statistics.statistic = 'closed tasks'
        and statistics.statistic_value is distinct from throughput.closed_tasks_count
),

open_now as (
    select count(*) as tasks_count
    from project_tasks
    where not is_closed
),

wrong_open_now as (
    select
        'open tasks' as what,
        statistics.period_started_date,
        open_now.tasks_count as expected_value,
        statistics.statistic_value as found_value
    from statistics
    inner join last_month on statistics.period_started_date = last_month.period_started_date
    cross join open_now
    where statistics.statistic = 'open tasks' and statistics.statistic_value != open_now.tasks_count
),

created_in_months as (
    select sum(statistic_value) as tasks_count
    from statistics
    where statistic = 'created tasks'
),

all_tasks as (
    select count(*) as tasks_count
    from project_tasks
),

wrong_created as (
    select
        'created tasks' as what,
        cast(null as date) as period_started_date,
        all_tasks.tasks_count as expected_value,
        created_in_months.tasks_count as found_value
    from all_tasks
    cross join created_in_months
    where all_tasks.tasks_count != coalesce(created_in_months.tasks_count, 0)
),

findings as (
    select * from wrong_throughput
    union all
    select * from wrong_open_now
    union all
    select * from wrong_created
)

select * from findings
