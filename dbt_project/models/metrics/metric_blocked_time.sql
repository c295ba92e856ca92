with

blocked_spans as (
    select * from {{ ref('int_task_blocked_spans') }}
),

counted_boards as (
    select * from {{ ref('int_project_boards_counted') }}
),

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
    where project_phid = 'all' and period = 'month'
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

project_spans as (
    select
        project_tasks.project_phid,
        project_tasks.task_id,
        blocked_spans.blocking_cause,
        blocked_spans.started_at,
        blocked_spans.ended_at
    from blocked_spans
    inner join project_tasks on blocked_spans.task_id = project_tasks.task_id
    where blocked_spans.blocking_cause != 'column'
    union all
    select
        project_tasks.project_phid,
        project_tasks.task_id,
        blocked_spans.blocking_cause,
        blocked_spans.started_at,
        blocked_spans.ended_at
    from blocked_spans
    inner join counted_boards on blocked_spans.board_phid = counted_boards.board_phid
    inner join project_tasks
        on
            blocked_spans.task_id = project_tasks.task_id
            and counted_boards.project_phid = project_tasks.project_phid
    where blocked_spans.blocking_cause = 'column'
),

-- Whatever the causes, a task is blocked once at a time.
spans_by_cause as (
    select
        project_spans.project_phid,
        project_spans.task_id,
        project_spans.blocking_cause,
        project_spans.started_at,
        case when project_spans.ended_at <= extraction.as_of then project_spans.ended_at end as ended_at
    from project_spans
    cross join extraction
    where project_spans.started_at < extraction.as_of
    union all
    select
        project_spans.project_phid,
        project_spans.task_id,
        'any' as blocking_cause,
        project_spans.started_at,
        case when project_spans.ended_at <= extraction.as_of then project_spans.ended_at end as ended_at
    from project_spans
    cross join extraction
    where project_spans.started_at < extraction.as_of
),
{{ merged_spans_of('spans_by_cause', 'project_phid, task_id, blocking_cause') }},

spans_with_previous as (
    select
        *,
        lag(ended_at) over (
            partition by project_phid, task_id, blocking_cause order by started_at
        ) as previous_ended_at
    from spans_by_cause_merged
),

changes as (
    select
        project_phid,
        blocking_cause,
        started_at as changed_at,
        previous_ended_at,
        1 as tasks_change
    from spans_with_previous
    union all
    select
        project_phid,
        blocking_cause,
        ended_at as changed_at,
        cast(null as timestamp) as previous_ended_at,
        -1 as tasks_change
    from spans_with_previous
    where ended_at is not null
),

months as (
    select
        project_periods.period_started_date,
        {{ start_of_local_day('project_periods.period_started_date') }} as month_started_at,
        least(
            {{ start_of_local_day(next_period("'month'", 'project_periods.period_started_date')) }},
            extraction.as_of
        ) as month_ended_at
    from project_periods
    cross join extraction
),

changes_in_months as (
    select
        project_phid,
        blocking_cause,
        changed_at,
        previous_ended_at,
        tasks_change,
        {{ period_start("'month'", 'changed_at') }} as period_started_date
    from changes
),

-- A change counts for the time that is left of its month: no row per task and month is needed. A task is
-- blocked in a month for the first time if it was not blocked when the month began, nor later before this.
changes_by_month as (
    select
        changes_in_months.project_phid,
        changes_in_months.blocking_cause,
        changes_in_months.period_started_date,
        sum(changes_in_months.tasks_change) as tasks_change,
        sum(
            changes_in_months.tasks_change
            * {{ whole_seconds(days_between('changes_in_months.changed_at', 'months.month_ended_at')) }}
        ) as seconds_change,
        sum(
            case
                when changes_in_months.tasks_change < 0 then 0
                when changes_in_months.previous_ended_at >= months.month_started_at then 0
                else 1
            end
        ) as newly_blocked_tasks
    from changes_in_months
    inner join months on changes_in_months.period_started_date = months.period_started_date
    group by
        changes_in_months.project_phid,
        changes_in_months.blocking_cause,
        changes_in_months.period_started_date
),

blocked_projects as (
    select
        project_phid,
        min(period_started_date) as first_month,
        case
            when sum(tasks_change) > 0 then date '9999-12-31'
            else max(period_started_date)
        end as last_month
    from changes_by_month
    group by project_phid
),

causes as (
    select distinct blocking_cause
    from changes_by_month
),

-- Months in which nothing changed, too: what was blocked stays so.
project_months as (
    select
        blocked_projects.project_phid,
        causes.blocking_cause,
        months.period_started_date,
        {{ whole_seconds(days_between('months.month_started_at', 'months.month_ended_at')) }} as month_seconds
    from blocked_projects
    cross join causes
    inner join months
        on
            blocked_projects.first_month <= months.period_started_date
            and blocked_projects.last_month >= months.period_started_date
),

project_months_with_changes as (
    select
        project_months.project_phid,
        project_months.blocking_cause,
        project_months.period_started_date,
        project_months.month_seconds,
        coalesce(changes_by_month.tasks_change, 0) as tasks_change,
        coalesce(changes_by_month.seconds_change, 0) as seconds_change,
        coalesce(changes_by_month.newly_blocked_tasks, 0) as newly_blocked_tasks
    from project_months
    left join changes_by_month
        on
            project_months.project_phid = changes_by_month.project_phid
            and project_months.blocking_cause = changes_by_month.blocking_cause
            and project_months.period_started_date = changes_by_month.period_started_date
),

levels as (
    select
        *,
        sum(tasks_change) over (
            partition by project_phid, blocking_cause order by period_started_date
            rows between unbounded preceding and current row
        ) as tasks_at_end
    from project_months_with_changes
),

times as (
    select
        project_phid,
        blocking_cause,
        period_started_date,
        tasks_at_end,
        tasks_at_end - tasks_change + newly_blocked_tasks as blocked_tasks,
        (tasks_at_end - tasks_change) * month_seconds + seconds_change as blocked_seconds
    from levels
),

blocked_time as (
    select
        project_phid,
        'month' as period,
        period_started_date,
        cast(sum(case blocking_cause when 'any' then blocked_tasks else 0 end) as bigint)
            as blocked_tasks_count,
        cast(sum(case blocking_cause when 'any' then tasks_at_end else 0 end) as bigint)
            as blocked_at_end_tasks_count,
        cast(sum(case blocking_cause when 'any' then blocked_seconds else 0 end) as double) / 86400.0
            as blocked_days,
        cast(sum(case blocking_cause when 'subtask' then blocked_seconds else 0 end) as double) / 86400.0
            as blocked_by_subtasks_days,
        cast(sum(case blocking_cause when 'status' then blocked_seconds else 0 end) as double) / 86400.0
            as blocked_by_status_days,
        cast(sum(case blocking_cause when 'column' then blocked_seconds else 0 end) as double) / 86400.0
            as blocked_by_column_days
    from times
    group by project_phid, period_started_date
)

select * from blocked_time
