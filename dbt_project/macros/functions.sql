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

{#- One row per period from the one that holds a date to the one that holds another; weeks start on Monday. -#}
{%- macro period_starts(period, first_date, last_date) -%}
    unnest(generate_series(
        date_trunc('{{ period }}', {{ first_date }}), date_trunc('{{ period }}', {{ last_date }}), interval 1 {{ period }}
    ))
{%- endmacro %}

{#- The newest value that is not null, up to and including this row of a window. -#}
{%- macro last_known(value, keys, order) -%}
    last_value({{ value }} ignore nulls) over (
        partition by {{ keys }} order by {{ order }} rows between unbounded preceding and current row
    )
{%- endmacro %}
