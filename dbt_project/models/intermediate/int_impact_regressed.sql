{%- set keys = 'change_key, subject_kind, subject_key, measure' -%}
with

series as (
    select * from {{ ref('int_impact_series') }}
    where week_window in ('before', 'after') and week_weight > 0
),

windows as (
    select
        {{ keys }},
        week_window,
        count(*) as weeks_count,
        sum(week_weight) as total_weight,
        sum(week_weight * week_number) / sum(week_weight) as mean_week,
        sum(week_weight * scaled_value) / sum(week_weight) as mean_value
    from series
    group by {{ keys }}, week_window
    having count(*) >= 4
),

centred as (
    select
        series.*,
        windows.total_weight,
        windows.mean_week,
        windows.mean_value,
        series.week_number - windows.mean_week as centred_week,
        sum(series.week_weight * pow(series.week_number - windows.mean_week, 2)) over line as spread_of_weeks
    from series
    inner join windows
        on
            series.change_key = windows.change_key
            and series.subject_kind = windows.subject_kind
            and series.subject_key = windows.subject_key
            and series.measure = windows.measure
            and series.week_window = windows.week_window
    window
        line as (
            partition by
                series.change_key,
                series.subject_kind,
                series.subject_key,
                series.measure,
                series.week_window
        )
),

-- A line of its own for each window. Its height where the change begins and its slope are sums of factors
-- times values.
lines as (
    select
        *,
        week_weight * centred_week / spread_of_weeks as slope_factor,
        week_weight * (1 / total_weight - mean_week * centred_week / spread_of_weeks) as level_factor,
        sum(week_weight * centred_week / spread_of_weeks * scaled_value) over line as line_slope
    from centred
    window line as (partition by {{ keys }}, week_window)
),

residuals as (
    select
        *,
        mean_value + line_slope * centred_week as fitted_value,
        mean_value - line_slope * mean_week as line_level,
        scaled_value - mean_value - line_slope * centred_week as residual,
        case week_window when 'after' then 1 else -1 end as window_sign
    from lines
),

-- What each week adds to the error of the step and of the change of slope.
scores as (
    select
        *,
        window_sign * level_factor * residual as level_score,
        window_sign * slope_factor * residual as slope_score
    from residuals
),

lagged as (
    select
        *
        {%- for lag in range(1, impact_lags() + 1) %}
            ,
            lag(level_score, {{ lag }}, 0) over weeks_in_order as level_score_{{ lag }},
            lag(slope_score, {{ lag }}, 0) over weeks_in_order as slope_score_{{ lag }}
        {%- endfor %}
    from scores
    window weeks_in_order as (partition by {{ keys }} order by week_number)
),

-- Newey and West: products of scores that are so many weeks apart count less, the further they are apart.
sums as (
    select
        {{ keys }},
        cast(count(*) - 4 as integer) as degrees,
        count(*) / nullif(count(*) - 4.0, 0) as small_sample_factor,
        count(distinct week_window) as windows_count,
        max(case when week_window = 'before' then line_slope end) as before_slope,
        max(case when week_window = 'before' then line_level end) as before_level,
        max(case when week_window = 'after' then line_slope end) as after_slope,
        max(case when week_window = 'after' then line_level end) as after_level
        {%- for score in ['level_score', 'slope_score'] %}
            ,
            sum({{ score }} * {{ score }})
            {%- for lag in range(1, impact_lags() + 1) %}
                + 2 * {{ 1 - lag / (impact_lags() + 1) }} * sum({{ score }} * {{ score }}_{{ lag }})
            {%- endfor %} as {{ score }}_variance
        {%- endfor %}
    from lagged
    group by {{ keys }}
),

errors as (
    select
        *,
        after_level - before_level as level_change,
        after_slope - before_slope as slope_change,
        sqrt(greatest(level_score_variance, 0) * small_sample_factor) as level_change_error,
        sqrt(greatest(slope_score_variance, 0) * small_sample_factor) as slope_change_error
    from sums
    where windows_count = 2 and degrees >= 4
),

regressed as (
    select
        {{ keys }},
        before_level,
        before_slope,
        after_level,
        after_slope,
        level_change,
        level_change_error,
        case
            when not {{ is_dust('level_change_error') }}
                then {{ student_t_p_value('level_change / level_change_error', 'degrees') }}
        end as level_change_p_value,
        slope_change,
        slope_change_error,
        case
            when not {{ is_dust('slope_change_error') }}
                then {{ student_t_p_value('slope_change / slope_change_error', 'degrees') }}
        end as slope_change_p_value
    from errors
)

select * from regressed
