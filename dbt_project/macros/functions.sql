{#- What every engine has under another name. A second engine needs these, macros/documents.sql and staging. -#}

{%- macro epoch_to_timestamp(seconds) -%}
    make_timestamp({{ seconds }} * 1000000)
{%- endmacro %}

{#- Elapsed time in days as a fraction, nights and weekends included. -#}
{%- macro days_between(started_at, ended_at) -%}
    (epoch({{ ended_at }}) - epoch({{ started_at }})) / 86400.0
{%- endmacro %}

{#- First day of the period after the one that begins on a day. -#}
{%- macro next_period(period, first_day) -%}
    cast(
        case {{ period }}
            when 'day' then {{ first_day }} + interval 1 day
            when 'week' then {{ first_day }} + interval 7 day
            else {{ first_day }} + interval 1 month
        end as date
    )
{%- endmacro %}

{#- Days from one day to another. -#}
{%- macro days_apart(first_day, last_day) -%}
    date_diff('day', {{ first_day }}, {{ last_day }})
{%- endmacro %}

{#- The value of the row of a group that comes first in this order. -#}
{%- macro first_by(value, order) -%}
    min_by({{ value }}, ({{ order }}))
{%- endmacro %}

{#- Mean and sum of durations in days. They count whole seconds: sums of fractions would depend in their last digits on
    the order of the rows, which differs from build to build. -#}
{%- macro mean_days(days) -%}
    avg({{ whole_seconds(days) }}) / 86400.0
{%- endmacro %}

{%- macro total_days(days) -%}
    cast(sum({{ whole_seconds(days) }}) as double) / 86400.0
{%- endmacro %}

{%- macro whole_seconds(days) -%}
    cast(round(({{ days }}) * 86400) as bigint)
{%- endmacro %}

{#- A sum of points or days without the dust that adding and taking away fractions leaves, to a millionth. -#}
{%- macro without_dust(number) -%}
    cast(round({{ number }}, 6) as double)
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

{#- A time in UTC as clocks in a time zone show it; a zone that is not known yet is UTC. -#}
{%- macro in_time_zone(moment, time_zone) -%}
    case
        when coalesce({{ time_zone }}, 'UTC') = 'UTC' then {{ moment }}
        else timezone({{ time_zone }}, timezone('UTC', {{ moment }}))
    end
{%- endmacro %}

{#- A time as clocks in a time zone show it, in UTC; the reverse of in_time_zone. -#}
{%- macro from_time_zone(moment, time_zone) -%}
    case
        when coalesce({{ time_zone }}, 'UTC') = 'UTC' then {{ moment }}
        else timezone('UTC', timezone({{ time_zone }}, {{ moment }}))
    end
{%- endmacro %}

{#- The names of all time zones, as a query. -#}
{%- macro time_zone_names() -%}
    select name from pg_timezone_names()
{%- endmacro %}

{#- A text as a whole number; null where it is none. -#}
{%- macro whole_number(text) -%}
    case when regexp_full_match({{ text }}, '\d{1,12}') then cast({{ text }} as bigint) end
{%- endmacro %}

{#- Whether a word is one of a list that is written with commas or spaces. -#}
{%- macro is_among(word, words) -%}
    list_contains(regexp_split_to_array({{ words }}, '[,\s]+'), {{ word }})
{%- endmacro %}

{#- The same for names, which may hold spaces: commas and semicolons separate them. -#}
{%- macro is_named_among(name, names) -%}
    list_contains(regexp_split_to_array(trim({{ names }}), '\s*[,;]\s*'), {{ name }})
{%- endmacro %}

{#- Stop with a message. -#}
{%- macro stop_with(message) -%}
    error({{ message }})
{%- endmacro %}

{#- A number that is written as text; null where it is none. -#}
{%- macro to_number(text) -%}
    try_cast({{ text }} as double)
{%- endmacro %}

{#- A number and what it counts, as in '1 task' or '2 tasks'. -#}
{%- macro counted(count, thing, things=none) -%}
    {{ count }} || case when {{ count }} = 1 then ' {{ thing }}' else ' {{ things or thing ~ 's' }}' end
{%- endmacro %}

{#- One row per number from 1 to the last one. -#}
{%- macro numbers_up_to(last) -%}
    unnest(range(1, {{ last }} + 1))
{%- endmacro %}

{#- One row per element of a list. -#}
{%- macro elements_of(items) -%}
    unnest([{{ items | join(', ') }}])
{%- endmacro %}

{#- All values of a group, smallest first, for several percentiles of which one is a setting. -#}
{%- macro sorted_values(value) -%}
    list_sort(list({{ value }}))
{%- endmacro %}

{#- A percentile of sorted values, interpolated linearly as `percentile` does, where the share is no constant. -#}
{%- macro percentile_of_sorted(values, share) -%}
    {{ values }}[cast(floor((len({{ values }}) - 1) * ({{ share }})) as bigint) + 1]
    + (
        {{ values }}[cast(ceil((len({{ values }}) - 1) * ({{ share }})) as bigint) + 1]
        - {{ values }}[cast(floor((len({{ values }}) - 1) * ({{ share }})) as bigint) + 1]
    ) * ((len({{ values }}) - 1) * ({{ share }}) - floor((len({{ values }}) - 1) * ({{ share }})))
{%- endmacro %}

{#- One row per week from one Monday to the last one that is not after a day, both included. -#}
{%- macro weeks_from(first_monday, last_date) -%}
    unnest(generate_series({{ first_monday }}, {{ last_date }}, interval 7 day))
{%- endmacro %}

{#- The lower 64 bits (little-endian) of a text's MD5 hash. -#}
{%- macro hashed_number(text) -%}
    md5_number_lower({{ text }})
{%- endmacro %}

{#- The largest numbers that these shares of a group's values reach, as a list: of 10,000 values 0.85 is the 8,500th from above. -#}
{%- macro reached_by(value, shares) -%}
    quantile_disc(-{{ value }}, {{ shares }})
{%- endmacro %}

{#- How often each of the numbers from 1 to the last one occurs in a list, as a list. -#}
{%- macro occurrences(numbers, last) -%}
    list_transform(
        range(1, {{ last }} + 1), lambda one: len(list_filter({{ numbers }}, lambda other: other = one))
    )
{%- endmacro %}

{#- Numbers as a list that can be multiplied. -#}
{%- macro as_factors(numbers) -%}
    cast({{ numbers }} as float[])
{%- endmacro %}

{#- The sum of the products of two such lists' elements, a whole number. -#}
{%- macro sum_of_products(factors, other_factors) -%}
    cast(list_dot_product({{ factors }}, {{ other_factors }}) as integer)
{%- endmacro %}

{#- The values of a group as a list, in an order. -#}
{%- macro list_in_order(value, order) -%}
    list({{ value }} order by {{ order }})
{%- endmacro %}

{#- One row per month from one month's first day to another's, both included. -#}
{%- macro months_from(first_date, last_date) -%}
    unnest(generate_series({{ first_date }}, {{ last_date }}, interval 1 month))
{%- endmacro %}

{#- First day of the month after, and of the month before, one that is given by its first day. -#}
{%- macro next_month(month_date) -%}
    cast({{ month_date }} + interval 1 month as date)
{%- endmacro %}
{%- macro previous_month(month_date) -%}
    cast({{ month_date }} - interval 1 month as date)
{%- endmacro %}

{#- The time so many days before another. -#}
{%- macro days_before(moment, days) -%}
    {{ moment }} - interval {{ days }} day
{%- endmacro %}

{#- The weekday of a time: Monday is 1, Sunday 7. -#}
{%- macro iso_weekday(moment) -%}
    isodow({{ moment }})
{%- endmacro %}
