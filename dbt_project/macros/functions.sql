{#- What every engine has under another name. A second engine needs these, macros/documents.sql and staging. -#}

{%- macro epoch_to_timestamp(seconds) -%}
    make_timestamp({{ seconds }} * 1000000)
{%- endmacro %}

{#- Elapsed time in days as a fraction, nights and weekends included. -#}
{%- macro days_between(started_at, ended_at) -%}
    (epoch({{ ended_at }}) - epoch({{ started_at }})) / 86400.0
{%- endmacro %}

{#- A percentile of a group, interpolated linearly; null where the group has no value. -#}
{%- macro percentile(value, share) -%}
    quantile_cont({{ value }}, {{ share }})
{%- endmacro %}

{#- Whether a text matches a regular expression, without regard to case. -#}
{%- macro matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }}, 'i')
{%- endmacro %}

{#- One row per day from one to the other, both included. -#}
{%- macro days_from(first_at, last_at) -%}
    unnest(generate_series(date_trunc('day', {{ first_at }}), date_trunc('day', {{ last_at }}), interval 1 day))
{%- endmacro %}

{#- The newest value that is not null, up to and including this row of a window. -#}
{%- macro last_known(value, keys, order) -%}
    last_value({{ value }} ignore nulls) over (
        partition by {{ keys }} order by {{ order }} rows between unbounded preceding and current row
    )
{%- endmacro %}

{#- First day of the day, week or month that holds a time. -#}
{%- macro period_start(period, moment) -%}
    cast(date_trunc({{ period }}, {{ moment }}) as date)
{%- endmacro %}
