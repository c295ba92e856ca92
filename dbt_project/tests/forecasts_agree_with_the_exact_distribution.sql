-- What is closed in some days, each drawn from the window, has a distribution that can be computed exactly,
-- by adding one day after the other. The simulated bounds of the first days must be its percentiles, but
-- for what chance does to so many trials: six standard errors.
with recursive

sampled_days as (
    select * from {{ ref('int_project_days_sampled') }}
    where is_now
),

simulated as (
    select * from {{ ref('int_project_forecasts_simulated') }}
),

trials as (
    select 6 * sqrt(0.25 / forecast_trials) as tolerance_share
    from {{ ref('int_installation_given_settings') }}
),

ranked_projects as (
    select
        *,
        row_number() over (order by closed_tasks_count desc, project_phid asc) as place_from_most,
        row_number() over (order by closed_tasks_count asc, project_phid asc) as place_from_least
    from sampled_days
),

some_projects as (
    select
        project_phid,
        window_days,
        closed_counts
    from ranked_projects
    where place_from_most <= 3 or place_from_least <= 10
),

days as (
    select
        project_phid,
        window_days,
        unnest(closed_counts) as closed_tasks_count
    from some_projects
),

daily_shares as (
    select
        project_phid,
        closed_tasks_count,
        count(*) / window_days as share
    from days
    group by project_phid, window_days, closed_tasks_count
),

distributions as (
    select
        project_phid,
        1 as horizon_days,
        closed_tasks_count,
        share
    from daily_shares
    union all
    select
        distributions.project_phid,
        distributions.horizon_days + 1 as horizon_days,
        distributions.closed_tasks_count + daily_shares.closed_tasks_count as closed_tasks_count,
        sum(distributions.share * daily_shares.share) as share
    from distributions
    inner join daily_shares on distributions.project_phid = daily_shares.project_phid
    where distributions.horizon_days < 28
    group by
        distributions.project_phid,
        distributions.horizon_days,
        distributions.closed_tasks_count + daily_shares.closed_tasks_count
),

bounds as (
    select
        project_phid,
        horizon_days,
        0.5 as share,
        closed_tasks_p50_count as bound_count
    from simulated
    union all
    select
        project_phid,
        horizon_days,
        0.85 as share,
        closed_tasks_p15_count as bound_count
    from simulated
    union all
    select
        project_phid,
        horizon_days,
        0.95 as share,
        closed_tasks_p5_count as bound_count
    from simulated
),

exact_shares as (
    select
        bounds.project_phid,
        bounds.horizon_days,
        bounds.share,
        bounds.bound_count,
        sum(case
            when distributions.closed_tasks_count >= bounds.bound_count then distributions.share else 0
        end) as reached_share,
        sum(case
            when distributions.closed_tasks_count > bounds.bound_count then distributions.share else 0
        end) as exceeded_share
    from bounds
    inner join distributions
        on
            bounds.project_phid = distributions.project_phid
            and bounds.horizon_days = distributions.horizon_days
    group by bounds.project_phid, bounds.horizon_days, bounds.share, bounds.bound_count
),

differences as (
    select exact_shares.*
    from exact_shares
    cross join trials
    where
        exact_shares.reached_share < exact_shares.share - trials.tolerance_share
        or exact_shares.exceeded_share >= exact_shares.share + trials.tolerance_share
)

select * from differences
