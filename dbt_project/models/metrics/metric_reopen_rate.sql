with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

closed_spans as (
    select * from {{ ref('int_task_closed_spans') }}
    where span_value = 'closed'
),

settings as (
    select * from {{ ref('int_projects_given_settings') }}
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
    where period = 'month'
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

closings as (
    select
        task_id,
        {{ period_start("'month'", 'started_at') }} as period_started_date,
        {{ days_between('started_at', 'ended_at') }} as reopened_after_days
    from closed_spans
),

-- A task that was closed several times in a month counts once, with the soonest re-opening.
closings_of_tasks as (
    select
        task_id,
        period_started_date,
        min(reopened_after_days) as reopened_after_days
    from closings
    group by task_id, period_started_date
),

project_closings as (
    select
        project_tasks.project_phid,
        project_tasks.subtype,
        project_tasks.priority_name,
        closings_of_tasks.period_started_date,
        1 as once_closed_tasks_count,
        case
            when closings_of_tasks.reopened_after_days <= settings.reopened_within_days then 1 else 0
        end as reopened_tasks_count
    from project_tasks
    inner join closings_of_tasks on project_tasks.task_id = closings_of_tasks.task_id
    inner join settings on project_tasks.project_phid = settings.project_phid
),

closings_by_month as (
    select
        project_phid,
        subtype,
        priority_name,
        period_started_date,
        sum(once_closed_tasks_count) as once_closed_tasks_count,
        sum(reopened_tasks_count) as reopened_tasks_count
    from project_closings
    group by project_phid, subtype, priority_name, period_started_date
),
{{ slices_of(
    'closings_by_month',
    ['project_phid', 'period_started_date', 'once_closed_tasks_count', 'reopened_tasks_count'],
) }},

-- So that months in which nothing was closed are there, with 0.
months_without_closings as (
    select
        project_phid,
        'all' as subtype,
        'all' as priority_name,
        period_started_date,
        0 as once_closed_tasks_count,
        0 as reopened_tasks_count
    from project_periods
),

closings_and_months as (
    select
        project_phid,
        subtype,
        priority_name,
        period_started_date,
        once_closed_tasks_count,
        reopened_tasks_count
    from closings_by_month_sliced
    union all
    select * from months_without_closings
),

months as (
    select
        project_phid,
        subtype,
        priority_name,
        period_started_date,
        sum(once_closed_tasks_count) as once_closed_tasks_count,
        sum(reopened_tasks_count) as reopened_tasks_count
    from closings_and_months
    group by project_phid, subtype, priority_name, period_started_date
),

-- The days between the end of a month and today must be more than the window: then it is over for every
-- task of the month, also where clocks were changed meanwhile.
reopen_rate as (
    select
        months.project_phid,
        months.subtype,
        months.priority_name,
        'month' as period,
        months.period_started_date,
        cast(settings.reopened_within_days as integer) as reopened_within_days,
        cast(months.once_closed_tasks_count as bigint) as once_closed_tasks_count,
        cast(months.reopened_tasks_count as bigint) as reopened_tasks_count,
        cast(months.reopened_tasks_count as double) / nullif(months.once_closed_tasks_count, 0)
            as reopened_share,
        {{ days_apart(next_period("'month'", 'months.period_started_date'), local_date('extraction.as_of')) }}
        > settings.reopened_within_days as is_complete
    from months
    inner join settings on months.project_phid = settings.project_phid
    cross join extraction
)

select * from reopen_rate
