with

sampled_days as (
    select * from {{ ref('int_project_days_sampled') }}
    where not is_now
),

settings as (
    select * from {{ ref('int_installation_given_settings') }}
),

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

trials as (
    select forecast_seed || ':' || {{ numbers_up_to('forecast_trials') }} || ':' as trial
    from settings
),

window_lengths as (
    select distinct window_days
    from sampled_days
),

draws as (
    select
        window_lengths.window_days,
        trials.trial,
        {{ numbers_up_to(backtest_horizon()) }} as day
    from trials
    cross join window_lengths
),

drawn_days as (
    select
        window_days,
        trial,
        {{ drawn_day('trial', 'day', 'window_days') }} as drawn_day
    from draws
),

-- For each trial how often it repeats each day of the window: what a trial closes is then the sum of
-- products of these numbers and what was closed on those days, whatever the project.
repetitions as (
    select
        window_days,
        trial,
        {{ as_factors(occurrences('list(drawn_day)', 'window_days')) }} as repetitions
    from drawn_days
    group by window_days, trial
),

factors as (
    select
        project_phid,
        origin_date,
        window_days,
        {{ as_factors('closed_counts') }} as closed_counts
    from sampled_days
),

bounds as (
    select
        factors.project_phid,
        factors.origin_date,
        {{ reached_by(sum_of_products('factors.closed_counts', 'repetitions.repetitions'), '[0.85]') }}
            as bounds
    from factors
    inner join repetitions on factors.window_days = repetitions.window_days
    group by factors.project_phid, factors.origin_date
),

outcomes as (
    select
        bounds.project_phid,
        bounds.origin_date,
        cast(-bounds.bounds[1] as bigint) as closed_tasks_p15_count,
        count(project_tasks.task_id) as closed_tasks_count
    from bounds
    left join project_tasks
        on
            bounds.project_phid = project_tasks.project_phid
            and bounds.origin_date <= project_tasks.closed_date
            and bounds.origin_date + {{ backtest_horizon() }} > project_tasks.closed_date
    group by bounds.project_phid, bounds.origin_date, bounds.bounds
),

backtest as (
    select
        project_phid,
        'week' as period,
        origin_date as period_started_date,
        {{ backtest_horizon() }} as horizon_days,
        closed_tasks_p15_count,
        closed_tasks_count,
        closed_tasks_count >= closed_tasks_p15_count as is_hit,
        avg(case when closed_tasks_count >= closed_tasks_p15_count then 1.0 else 0.0 end) over (
            partition by project_phid
        ) as forecast_hit_share
    from outcomes
)

select * from backtest
