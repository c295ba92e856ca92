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
        any_value(window_weeks) as window_weeks
        {%- for window in ['before', 'after'] %},
        count(case when week_window = '{{ window }}' and week_weight > 0 then 1 end) as {{ window }}_weeks_count,
        cast(coalesce(sum(case when week_window = '{{ window }}' then samples_count end), 0) as bigint)
            as {{ window }}_samples_count,
        sum(case when week_window = '{{ window }}' then week_weight * scaled_value end)
        / nullif(sum(case when week_window = '{{ window }}' then week_weight end), 0) as {{ window }}_scaled_value
        {%- endfor %}
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
