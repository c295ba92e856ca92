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

work_items as (
    select
        project_phid,
        cycle_time_days,
        started_at,
        closed_at as ended_at
    from project_tasks
    where started_at is not null and (closed_at is null or started_at <= closed_at)
),

-- Windows begin and end at midnight in the installation's time zone: where clocks change, an hour is missing
-- or too many.
windows as (
    select
        project_periods.project_phid,
        project_periods.period_started_date,
        settings.flow_window_days as window_days,
        {{ start_of_local_day('project_periods.period_started_date') }} as window_ended_at,
        {{ start_of_local_day('(project_periods.period_started_date - settings.flow_window_days)') }}
            as window_started_at
    from project_periods
    inner join settings on project_periods.project_phid = settings.project_phid
    where project_periods.period = 'month'
),

items_in_windows as (
    select
        windows.project_phid,
        windows.period_started_date,
        windows.window_days,
        {{ days_between('windows.window_started_at', 'windows.window_ended_at') }} as elapsed_days,
        work_items.cycle_time_days,
        work_items.started_at < windows.window_started_at as was_in_progress,
        work_items.started_at >= windows.window_started_at as is_arrival,
        coalesce(work_items.ended_at < windows.window_ended_at, false) as is_departure,
        {{ days_between('work_items.started_at', 'windows.window_started_at') }} as age_at_start_days,
        {{ days_between('work_items.started_at', 'windows.window_ended_at') }} as age_at_end_days,
        {{ days_between(
            'greatest(work_items.started_at, windows.window_started_at)',
            'least(coalesce(work_items.ended_at, windows.window_ended_at), windows.window_ended_at)'
        ) }} as time_in_window_days
    from windows
    inner join work_items
        on
            windows.project_phid = work_items.project_phid
            and windows.window_ended_at > work_items.started_at
            and windows.window_started_at <= coalesce(work_items.ended_at, timestamp '9999-12-31')
),

measured_windows as (
    select
        project_phid,
        period_started_date,
        window_days,
        {{ total_days('time_in_window_days') }} / max(elapsed_days) as wip_mean_count,
        sum(case when is_arrival then 1 else 0 end) as arrivals_count,
        sum(case when is_departure then 1 else 0 end) as departures_count,
        sum(case when was_in_progress then 1 else 0 end) as wip_at_start_count,
        sum(case when is_departure then 0 else 1 end) as wip_at_end_count,
        sum(case when was_in_progress and not is_departure then 1 else 0 end) as never_left_tasks_count,
        {{ mean_days('case when is_departure then cycle_time_days end') }} as cycle_time_mean_days,
        {{ mean_days('case when was_in_progress then age_at_start_days end') }}
            as age_at_start_mean_days,
        {{ mean_days('case when not is_departure then age_at_end_days end') }}
            as age_at_end_mean_days
    from items_in_windows
    group by project_phid, period_started_date, window_days
),

-- "About the same" is a difference of no more than a fifth.
judged_windows as (
    select
        *,
        departures_count / window_days as throughput_per_day_count,
        departures_count / window_days * cycle_time_mean_days as expected_wip_count,
        abs(arrivals_count - departures_count) <= 0.2 * greatest(arrivals_count, departures_count)
            as is_arriving_as_departing,
        abs(wip_at_end_count - wip_at_start_count) <= 0.2 * greatest(wip_at_start_count, wip_at_end_count)
            as is_wip_steady,
        coalesce(
            abs(age_at_end_mean_days - age_at_start_mean_days)
            <= 0.2 * greatest(age_at_start_mean_days, age_at_end_mean_days),
            age_at_start_mean_days is null and age_at_end_mean_days is null
        ) as is_age_steady,
        never_left_tasks_count = 0 as is_everything_leaving
    from measured_windows
),

littles_law as (
    select
        project_phid,
        'month' as period,
        period_started_date,
        window_days as flow_window_days,
        wip_mean_count,
        throughput_per_day_count,
        cycle_time_mean_days,
        expected_wip_count,
        wip_mean_count / nullif(expected_wip_count, 0) as wip_to_expected_wip_ratio,
        cast(arrivals_count as bigint) as arrivals_count,
        cast(departures_count as bigint) as departures_count,
        cast(wip_at_start_count as bigint) as wip_at_start_count,
        cast(wip_at_end_count as bigint) as wip_at_end_count,
        cast(never_left_tasks_count as bigint) as never_left_tasks_count,
        age_at_start_mean_days,
        age_at_end_mean_days,
        is_arriving_as_departing,
        is_wip_steady,
        is_age_steady,
        is_everything_leaving,
        case
            when is_arriving_as_departing and is_wip_steady and is_age_steady and is_everything_leaving
                then 'Every assumption holds.'
            else concat_ws(
                ' ',
                case
                    when not is_arriving_as_departing
                        then 'Tasks started: ' || arrivals_count || ', finished: ' || departures_count || '.'
                end,
                case
                    when not is_wip_steady
                        then
                            'Work in progress went from ' || wip_at_start_count || ' to ' || wip_at_end_count
                            || '.'
                end,
                case
                    when not is_age_steady
                        then
                            'Its mean age went from '
                            || coalesce(cast(round(age_at_start_mean_days) as bigint) || ' days', 'none')
                            || ' to '
                            || coalesce(cast(round(age_at_end_mean_days) as bigint) || ' days', 'none')
                            || '.'
                end,
                case
                    when not is_everything_leaving
                        then 'Tasks in progress all the time: ' || never_left_tasks_count || '.'
                end
            )
        end as assumptions_text
    from judged_windows
)

select * from littles_law
