with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
    where started_at is not null
),

open_spans as (
    select * from {{ ref('int_task_closed_spans') }}
    where span_value = 'open'
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

-- Once started, a task is work in progress whenever it is open.
wip_spans as (
    select
        project_tasks.project_phid,
        project_tasks.subtype,
        project_tasks.priority_name,
        {{ local_date('greatest(open_spans.started_at, project_tasks.started_at)') }} as started_date,
        {{ local_date('open_spans.ended_at') }} as ended_date
    from project_tasks
    inner join open_spans
        on
            project_tasks.task_id = open_spans.task_id
            and project_tasks.started_at < coalesce(open_spans.ended_at, timestamp '9999-12-31')
),

changes as (
    select
        project_phid,
        subtype,
        priority_name,
        started_date as changed_date,
        1 as wip_change
    from wip_spans
    union all
    select
        project_phid,
        subtype,
        priority_name,
        ended_date as changed_date,
        -1 as wip_change
    from wip_spans
    where ended_date is not null
),

changes_by_day as (
    select
        project_phid,
        subtype,
        priority_name,
        changed_date,
        sum(wip_change) as wip_change
    from changes
    group by project_phid, subtype, priority_name, changed_date
),
{{ slices_of('changes_by_day', ['project_phid', 'changed_date', 'wip_change']) }},

changes_by_slice as (
    select
        project_phid,
        subtype,
        priority_name,
        changed_date,
        sum(wip_change) as wip_change
    from changes_by_day_sliced
    group by project_phid, subtype, priority_name, changed_date
),

kinds as (
    select distinct period
    from project_periods
),

-- Days of single slices would be many and say little.
changes_by_period as (
    select
        changes_by_slice.project_phid,
        changes_by_slice.subtype,
        changes_by_slice.priority_name,
        kinds.period,
        {{ period_of_date('kinds.period', 'changes_by_slice.changed_date') }} as period_started_date,
        changes_by_slice.changed_date,
        changes_by_slice.wip_change
    from changes_by_slice
    cross join kinds
    where
        kinds.period != 'day'
        or (changes_by_slice.subtype = 'all' and changes_by_slice.priority_name = 'all')
),

-- So that periods in which nothing changed are there.
periods_without_changes as (
    select
        project_phid,
        'all' as subtype,
        'all' as priority_name,
        period,
        period_started_date,
        period_started_date as changed_date,
        0 as wip_change
    from project_periods
),

changes_and_periods as (
    select * from changes_by_period
    union all
    select * from periods_without_changes
),

-- The period that is not over ends with the day of the extraction, or of a change that was made while it ran.
last_day as (
    select
        greatest(
            max({{ local_date('extraction.as_of') }}),
            max(changes_by_slice.changed_date)
        ) as last_date
    from extraction
    left join changes_by_slice on true
),

bounded as (
    select
        changes_and_periods.*,
        least(
            {{ next_period('changes_and_periods.period', 'changes_and_periods.period_started_date') }},
            {{ next_period("'day'", 'last_day.last_date') }}
        ) as period_ended_date
    from changes_and_periods
    cross join last_day
),

-- A change counts for the days that are left of its period: no row per day is needed for their mean.
periods as (
    select
        project_phid,
        subtype,
        priority_name,
        period,
        period_started_date,
        {{ days_apart('period_started_date', 'period_ended_date') }} as days_count,
        sum(wip_change) as wip_change,
        sum(wip_change * {{ days_apart('changed_date', 'period_ended_date') }}) as wip_days_change
    from bounded
    group by project_phid, subtype, priority_name, period, period_started_date, period_ended_date
),

periods_added_up as (
    select
        *,
        sum(wip_change) over (
            partition by project_phid, subtype, priority_name, period order by period_started_date
            rows between unbounded preceding and current row
        ) as wip_count
    from periods
),

wip as (
    select
        project_phid,
        subtype,
        priority_name,
        period,
        period_started_date,
        cast(wip_count as bigint) as wip_count,
        cast(
            cast((wip_count - wip_change) * days_count + wip_days_change as double) / days_count as double
        ) as wip_mean_count
    from periods_added_up
)

select * from wip
