with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

settings as (
    select * from {{ ref('int_projects_given_settings') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

today as (
    select {{ local_date('as_of') }} as origin_date
    from extraction
),

weeks_ago as (
    select {{ elements_of(range(backtest_origins() | int)) }} as number
),

-- Now, and the Mondays of which it is known what came in the weeks after.
origins as (
    select
        origin_date,
        true as is_now
    from today
    union all
    select
        {{ period_of_date("'week'", 'today.origin_date - ' ~ backtest_horizon()) }}
        - 7 * weeks_ago.number as origin_date,
        false as is_now
    from today
    cross join weeks_ago
),

days as (
    select
        project_phid,
        closed_date,
        count(*) as closed_tasks_count
    from project_tasks
    where closed_at is not null
    group by project_phid, closed_date
),

projects as (
    select
        project_tasks.project_phid,
        settings.forecast_window_days as window_days,
        min(project_tasks.created_date) as first_date
    from project_tasks
    inner join settings on project_tasks.project_phid = settings.project_phid
    group by project_tasks.project_phid, settings.forecast_window_days
),

-- A project that is younger than the window has no days to repeat yet.
windows as (
    select
        projects.project_phid,
        projects.window_days,
        origins.origin_date,
        origins.is_now,
        sum(days.closed_tasks_count) as closed_tasks_count
    from projects
    inner join origins on projects.first_date <= origins.origin_date - projects.window_days
    inner join days
        on
            projects.project_phid = days.project_phid
            and origins.origin_date > days.closed_date
            and origins.origin_date - projects.window_days <= days.closed_date
    group by projects.project_phid, projects.window_days, origins.origin_date, origins.is_now
),

active_windows as (
    select
        *,
        row_number() over (
            partition by origin_date, is_now order by closed_tasks_count desc, project_phid asc
        ) as place
    from windows
    where closed_tasks_count >= {{ forecast_least_tasks() }}
),

days_of_windows as (
    select
        project_phid,
        window_days,
        origin_date,
        is_now,
        closed_tasks_count,
        {{ numbers_up_to('window_days') }} as day_number
    from active_windows
    where place <= {{ forecast_most_projects() }}
),

sampled as (
    select
        days_of_windows.project_phid,
        days_of_windows.origin_date,
        days_of_windows.window_days,
        days_of_windows.closed_tasks_count,
        days_of_windows.is_now,
        {{ list_in_order(
            'cast(coalesce(days.closed_tasks_count, 0) as integer)', 'days_of_windows.day_number'
        ) }} as closed_counts
    from days_of_windows
    left join days
        on
            days_of_windows.project_phid = days.project_phid
            and days_of_windows.origin_date - days_of_windows.window_days - 1
            + cast(days_of_windows.day_number as integer) = days.closed_date
    group by
        days_of_windows.project_phid,
        days_of_windows.origin_date,
        days_of_windows.window_days,
        days_of_windows.closed_tasks_count,
        days_of_windows.is_now
)

select * from sampled
