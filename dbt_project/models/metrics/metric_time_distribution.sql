{# Each step is about twice as long as the one before, as durations of work spread over such an axis. -#}
{%- set steps = [0, 1, 2, 4, 7, 14, 30, 60, 120, 365] -%}
with

project_tasks as (
    select * from {{ ref('int_project_task_slices') }}
),

durations as (
    select
        'cycle time' as duration_kind,
        project_phid,
        subtype,
        priority_name,
        closed_date,
        cycle_time_days as duration_days
    from project_tasks
    where cycle_time_days is not null
    union all
    select
        'lead time' as duration_kind,
        project_phid,
        subtype,
        priority_name,
        closed_date,
        lead_time_days as duration_days
    from project_tasks
    where lead_time_days is not null
),

durations_in_steps as (
    select
        durations.duration_kind,
        durations.project_phid,
        durations.subtype,
        durations.priority_name,
        'month' as period,
        {{ period_of_date("'month'", 'durations.closed_date') }} as period_started_date,
        case
            {%- for step in steps | reverse %}
                when durations.duration_days >= {{ step }} then {{ step }}
            {%- endfor %}
        end as at_least_days
    from durations
    where durations.duration_days >= 0
),

counted as (
    select
        duration_kind,
        project_phid,
        subtype,
        priority_name,
        period,
        period_started_date,
        at_least_days,
        count(*) as tasks_count
    from durations_in_steps
    group by duration_kind, project_phid, subtype, priority_name, period, period_started_date, at_least_days
),

bounded as (
    select
        duration_kind,
        project_phid,
        subtype,
        priority_name,
        period,
        period_started_date,
        at_least_days,
        case at_least_days
            {%- for step in steps[1:] %}
                when {{ steps[loop.index0] }} then {{ step }}
            {%- endfor %}
        end as less_than_days,
        tasks_count
    from counted
)

select * from bounded
