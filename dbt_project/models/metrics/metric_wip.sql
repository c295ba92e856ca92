{%- set last = next_period("'day'", 'last_day.last_date') -%}
{%- set period_end -%}
    least({{ next_period('changes_in_periods.period', 'changes_in_periods.period_started_date') }}, {{ last }})
{%- endset -%}
{%- set this_period_end -%}
    least({{ next_period('periods.period', 'periods.period_started_date') }}, {{ last }})
{%- endset -%}
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
        changes_by_day.changed_date,
        changes_by_day.wip_change
    from changes_by_day
    cross join kinds
),

-- The period that is not over ends with the day of the extraction, or of a change that was made while it ran.
last_day as (
    select
        greatest(max({{ local_date('extraction.as_of') }}), max(changes_by_day.changed_date)) as last_date
    from extraction
    left join changes_by_day on true
),

-- A change counts for the days that are left of its period: no row per day is needed for their mean.
changes_by_period as (
    select
        changes_in_periods.project_phid,
        changes_in_periods.subtype,
        changes_in_periods.priority_name,
        changes_in_periods.period,
        changes_in_periods.period_started_date,
        sum(changes_in_periods.wip_change) as wip_change,
        sum(
            changes_in_periods.wip_change
            * {{ days_apart('changes_in_periods.changed_date', period_end) }}
        ) as wip_days_change
    from changes_in_periods
    cross join last_day
    group by
        changes_in_periods.project_phid,
        changes_in_periods.subtype,
        changes_in_periods.priority_name,
        changes_in_periods.period,
        changes_in_periods.period_started_date
),
{{ sums_by_period('changes_by_period', ['wip_change', 'wip_days_change']) }},

periods_added_up as (
    select
        periods.*,
        {{ days_apart('periods.period_started_date', this_period_end) }} as days_count,
        sum(periods.wip_change) over (
            partition by periods.project_phid, periods.subtype, periods.priority_name, periods.period
            order by periods.period_started_date
            rows between unbounded preceding and current row
        ) as wip_count
    from periods
    cross join last_day
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
