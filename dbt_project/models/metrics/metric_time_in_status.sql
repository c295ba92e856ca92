with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

value_spans as (
    select * from {{ ref('int_task_value_spans') }}
    where span_kind = 'status'
),

statuses as (
    select * from {{ ref('int_statuses_given_roles') }}
),

-- All stays of a task in a status together. While it is there, nobody knows how long it will be.
times as (
    select
        task_id,
        span_value as status,
        {{ local_date('max(ended_at)') }} as left_date,
        {{ total_days(days_between('started_at', 'ended_at')) }} as time_in_status_days
    from value_spans
    group by task_id, span_value
    having count(*) = count(ended_at)
),

times_and_months as (
    select
        task_id,
        status,
        'month' as period,
        {{ period_of_date("'month'", 'left_date') }} as period_started_date,
        time_in_status_days
    from times
    union all
    select
        task_id,
        status,
        'all' as period,
        cast(null as date) as period_started_date,
        time_in_status_days
    from times
),

project_times as (
    select
        project_tasks.project_phid,
        times_and_months.status,
        times_and_months.period,
        times_and_months.period_started_date,
        times_and_months.time_in_status_days
    from project_tasks
    inner join times_and_months on project_tasks.task_id = times_and_months.task_id
),

time_in_status as (
    select
        project_phid,
        status,
        period,
        period_started_date,
        count(*) as tasks_count,
        {{ percentile('time_in_status_days', 0.5) }} as time_in_status_p50_days,
        {{ percentile('time_in_status_days', 0.85) }} as time_in_status_p85_days,
        {{ mean_days('time_in_status_days') }} as time_in_status_mean_days
    from project_times
    group by project_phid, status, period, period_started_date
),

time_in_named_status as (
    select
        time_in_status.project_phid,
        time_in_status.status,
        time_in_status.period,
        time_in_status.period_started_date,
        coalesce(statuses.status_name, time_in_status.status) as status_name,
        statuses.status_role,
        time_in_status.tasks_count,
        time_in_status.time_in_status_p50_days,
        time_in_status.time_in_status_p85_days,
        time_in_status.time_in_status_mean_days
    from time_in_status
    left join statuses on time_in_status.status = statuses.status
)

select * from time_in_named_status
