with

sampled_days as (
    select * from {{ ref('int_project_days_sampled') }}
    where is_now
),

settings as (
    select * from {{ ref('int_installation_given_settings') }}
),

trials as (
    select forecast_seed || ':' || {{ numbers_up_to('forecast_trials') }} || ':' as trial
    from settings
),

window_lengths as (
    select distinct window_days
    from sampled_days
),

-- Trial 7 repeats the same past days in all projects: whoever adds projects up adds up what could happen
-- together.
draws as (
    select
        window_lengths.window_days,
        {{ drawn_days('trials.trial', 'window_lengths.window_days') }}
    from trials
    cross join window_lengths
),

drawn_futures as (
    select
        sampled_days.project_phid,
        sampled_days.origin_date,
        sampled_days.closed_counts,
        draws.*
    from sampled_days
    inner join draws on sampled_days.window_days = draws.window_days
),

{{ simulated_days('drawn_futures', 'closed_counts') }}

bounds as (
    select
        project_phid,
        origin_date,
        {{ bounds_of_horizons('[0.5, 0.85, 0.95]') }}
    from simulated_days
    group by project_phid, origin_date
),

bounds_by_horizon as (
    select
        project_phid,
        origin_date,
        {{ elements_of(forecast_horizons()) }} as horizon_days,
        {{ elements_of(prefixed('bounds_', forecast_horizons())) }} as bounds
    from bounds
),

simulated as (
    select
        project_phid,
        origin_date,
        horizon_days,
        cast(-bounds[1] as bigint) as closed_tasks_p50_count,
        cast(-bounds[2] as bigint) as closed_tasks_p15_count,
        cast(-bounds[3] as bigint) as closed_tasks_p5_count
    from bounds_by_horizon
)

select * from simulated
