with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
),

settings as (
    select * from {{ ref('int_projects_given_settings') }}
),

finished_tasks as (
    select
        project_tasks.project_phid,
        project_tasks.closed_date,
        project_tasks.cycle_time_days,
        settings.service_level_window_days as window_days,
        {{ period_of_date("'week'", 'project_tasks.closed_date') }} as period_started_date
    from project_tasks
    inner join settings on project_tasks.project_phid = settings.project_phid
    where project_tasks.cycle_time_days is not null
),

-- A task is in the window of each week that begins after the day on which it was closed.
tasks_of_windows as (
    select
        project_phid,
        cycle_time_days,
        {{ weeks_from('period_started_date + 7', 'closed_date + window_days') }} as period_started_at
    from finished_tasks
),

windows as (
    select
        project_phid,
        cast(period_started_at as date) as period_started_date,
        count(*) as window_tasks_count,
        {{ sorted_values('cycle_time_days') }} as cycle_times
    from tasks_of_windows
    group by project_phid, period_started_at
),

expectations as (
    select
        windows.project_phid,
        windows.period_started_date,
        windows.window_tasks_count,
        {{ percentile_of_sorted('windows.cycle_times', '0.5') }} as cycle_time_p50_days,
        {{ percentile_of_sorted('windows.cycle_times', '0.85') }} as cycle_time_p85_days,
        {{ percentile_of_sorted('windows.cycle_times', '0.95') }} as cycle_time_p95_days,
        {{ percentile_of_sorted('windows.cycle_times', 'settings.service_level_percentile / 100') }}
            as expected_cycle_time_days
    from windows
    inner join settings on windows.project_phid = settings.project_phid
),

weeks as (
    select
        finished_tasks.project_phid,
        finished_tasks.period_started_date,
        count(*) as finished_tasks_count,
        sum(case
            when finished_tasks.cycle_time_days <= expectations.expected_cycle_time_days then 1 else 0
        end) as tasks_within_expectation_count
    from finished_tasks
    left join expectations
        on
            finished_tasks.project_phid = expectations.project_phid
            and finished_tasks.period_started_date = expectations.period_started_date
    group by finished_tasks.project_phid, finished_tasks.period_started_date
),

service_levels as (
    select
        project_periods.project_phid,
        project_periods.period,
        project_periods.period_started_date,
        settings.service_level_percentile,
        settings.service_level_window_days,
        coalesce(expectations.window_tasks_count, 0) as window_tasks_count,
        expectations.cycle_time_p50_days,
        expectations.cycle_time_p85_days,
        expectations.cycle_time_p95_days,
        expectations.expected_cycle_time_days,
        coalesce(weeks.finished_tasks_count, 0) as finished_tasks_count,
        case
            when expectations.project_phid is not null
                then cast(coalesce(weeks.tasks_within_expectation_count, 0) as bigint)
        end as tasks_within_expectation_count,
        case
            when expectations.project_phid is not null
                then weeks.tasks_within_expectation_count / weeks.finished_tasks_count
        end as within_expectation_share,
        coalesce(expectations.window_tasks_count >= 20, false) as has_enough_tasks
    from project_periods
    inner join settings on project_periods.project_phid = settings.project_phid
    left join expectations
        on
            project_periods.project_phid = expectations.project_phid
            and project_periods.period_started_date = expectations.period_started_date
    left join weeks
        on
            project_periods.project_phid = weeks.project_phid
            and project_periods.period_started_date = weeks.period_started_date
    where
        project_periods.period = 'week'
        and (expectations.project_phid is not null or weeks.project_phid is not null)
)

select * from service_levels
