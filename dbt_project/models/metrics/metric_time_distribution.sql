with

project_tasks as (
    select * from {{ ref('int_project_task_slices') }}
),

-- Each step is about twice as long as the one before, as durations of work spread over such an axis.
steps as (
    select
        steps_by_length.at_least_days,
        steps_by_length.less_than_days
    from (
        values
        (0, 1), (1, 2), (2, 4), (4, 7), (7, 14), (14, 30), (30, 60), (60, 120), (120, 365), (365, null)
    ) as steps_by_length (at_least_days, less_than_days)
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
        steps.at_least_days,
        steps.less_than_days
    from durations
    inner join steps
        on
            durations.duration_days >= steps.at_least_days
            and durations.duration_days < coalesce(steps.less_than_days, cast('infinity' as double))
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
        less_than_days,
        count(*) as tasks_count
    from durations_in_steps
    group by
        duration_kind,
        project_phid,
        subtype,
        priority_name,
        period,
        period_started_date,
        at_least_days,
        less_than_days
)

select * from counted
