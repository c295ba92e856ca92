{%- set keys = 'change_key, subject_kind, subject_key, measure' -%}
with

series as (
    select * from {{ ref('int_impact_series') }}
    where week_window in ('before', 'after')
),

sums as (
    select
        {{ keys }},
        any_value(averaged_as) as averaged_as,
        any_value(window_weeks) as window_weeks,
        {{ window_sums('before') }},
        {{ window_sums('after') }}
    from series
    group by {{ keys }}
),

differences as (
    select
        *,
        {{ impact_unscaled('before_scaled_value', 'averaged_as') }} as before_value,
        {{ impact_unscaled('after_scaled_value', 'averaged_as') }} as after_value,
        after_scaled_value - before_scaled_value as scaled_difference
    from sums
)

select * from differences
