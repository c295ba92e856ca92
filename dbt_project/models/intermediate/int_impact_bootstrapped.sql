with

series as (
    select * from {{ ref('int_impact_series') }}
    where week_window in ('before', 'after') and week_weight > 0
),

settings as (
    select * from {{ ref('int_installation_given_settings') }}
),

windows as (
    select
        change_key,
        subject_kind,
        subject_key,
        measure,
        week_window,
        count(*) as weeks_count,
        {{ list_in_order('week_weight', 'week_number') }} as weights,
        {{ list_in_order('week_weight * scaled_value', 'week_number') }} as weighted_values
    from series
    group by change_key, subject_kind, subject_key, measure, week_window
    having count(*) >= {{ impact_block_weeks() }}
),

blocks as (
    select
        change_key,
        subject_kind,
        subject_key,
        measure,
        week_window,
        weeks_count,
        {{ sums_of_blocks('weights') }} as block_weights,
        {{ sums_of_blocks('weighted_values') }} as block_values
    from windows
),

window_lengths as (
    select distinct
        week_window,
        weeks_count
    from windows
),

trials as (
    select
        forecast_seed,
        {{ numbers_up_to(impact_trials()) }} as trial
    from settings
),

-- As many blocks as make up the window, or a few weeks more. All subjects and measures share the draws.
draws as (
    select
        window_lengths.week_window,
        window_lengths.weeks_count,
        trials.trial,
        {{ drawn_places(
            "trials.forecast_seed || ':' || trials.trial || ':' || window_lengths.week_window || ':'",
            'cast(ceil(window_lengths.weeks_count / ' ~ impact_block_weeks() ~ '.0) as bigint)',
            'window_lengths.weeks_count',
        ) }} as drawn_blocks
    from window_lengths
    cross join trials
),

resampled as (
    select
        blocks.change_key,
        blocks.subject_kind,
        blocks.subject_key,
        blocks.measure,
        blocks.week_window,
        draws.trial,
        {{ sum_at('blocks.block_values', 'draws.drawn_blocks') }}
        / {{ sum_at('blocks.block_weights', 'draws.drawn_blocks') }} as mean_value
    from blocks
    inner join draws
        on blocks.week_window = draws.week_window and blocks.weeks_count = draws.weeks_count
),

resampled_differences as (
    select
        before_means.change_key,
        before_means.subject_kind,
        before_means.subject_key,
        before_means.measure,
        after_means.mean_value - before_means.mean_value as difference
    from resampled as before_means
    inner join resampled as after_means
        on
            before_means.change_key = after_means.change_key
            and before_means.subject_kind = after_means.subject_kind
            and before_means.subject_key = after_means.subject_key
            and before_means.measure = after_means.measure
            and before_means.trial = after_means.trial
    where before_means.week_window = 'before' and after_means.week_window = 'after'
),

bootstrapped as (
    select
        change_key,
        subject_kind,
        subject_key,
        measure,
        {{ percentile('difference', 0.025) }} as bootstrap_low,
        {{ percentile('difference', 0.975) }} as bootstrap_high
    from resampled_differences
    group by change_key, subject_kind, subject_key, measure
)

select * from bootstrapped
