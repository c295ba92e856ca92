{#- Of declared changes to a process, what is peculiar to DuckDB or said more than once. -#}

{#- A day that is written as 2026-01-31; null where it is none. -#}
{%- macro written_day(text) -%}
    case when regexp_full_match({{ text }}, '\d{4}-\d{2}-\d{2}') then try_cast({{ text }} as date) end
{%- endmacro %}

{#- Whether a text is a day of every year, as 12-24. -#}
{%- macro is_day_of_every_year(text) -%}
    regexp_full_match({{ text }}, '\d{2}-\d{2}')
{%- endmacro %}

{#- One row per name of a list, which commas or semicolons separate; none for an empty one. -#}
{%- macro names_in(names) -%}
    unnest(list_filter(regexp_split_to_array(trim({{ names }}), '\s*[,;]\s*'), lambda name: name != ''))
{%- endmacro %}

{#- Whether a text can stand in an address as it is. -#}
{%- macro is_address_word(text) -%}
    regexp_full_match({{ text }}, '[A-Za-z0-9][A-Za-z0-9._-]{0,63}')
{%- endmacro %}

{#- The key of a custom field as Conduit's maniphest.search or transactions have it, without what they put before it, and the value
    that is wanted, of 'key' or 'key=value'. -#}
{%- macro field_key_in(named) -%}
    regexp_replace(trim(regexp_extract({{ named }}, '^[^=]*')), '^(custom\.|std:maniphest:)', '')
{%- endmacro %}
{%- macro field_value_in(named) -%}
    nullif(trim(regexp_extract({{ named }}, '=(.*)$', 1)), '')
{%- endmacro %}

{#- The day that a custom field holds, which is seconds since 1970; null where it holds something else. -#}
{%- macro day_in_field(field_value) -%}
    case
        when regexp_full_match({{ field_value }}, '\d{9,11}')
            then {{ local_date(epoch_to_timestamp('cast(' ~ field_value ~ ' as bigint)')) }}
    end
{%- endmacro %}

{#- The direction that a measure is expected to go, which may follow its name, and the name without it. -#}
{%- macro direction_after(measure) -%}
    nullif(regexp_extract({{ measure }}, '\s(up|down)$', 1), '')
{%- endmacro %}
{%- macro measure_before_direction(measure) -%}
    trim(regexp_replace({{ measure }}, '\s(up|down)$', ''))
{%- endmacro %}

{#- The first day of the simulated history that is seen at a time (ddd.demo.organisation.calendar.founded). -#}
{%- macro simulation_founded_date(as_of) -%}
    {%- set last_day = '(' ~ as_of ~ ' - interval 1 second)' -%}
    {%- set half_year = 'make_date(year(' ~ last_day ~ ') - 3, case when month(' ~ last_day ~ ') <= 6 then 1 else 7 end, 1)' -%}
    cast({{ half_year }} + cast((8 - isodow({{ half_year }})) % 7 as integer) as date)
{%- endmacro %}

{#- The first day of a week that is counted from a Monday on. -#}
{%- macro weeks_after(monday, weeks) -%}
    cast({{ monday }} + cast(7 * {{ weeks }} as integer) as date)
{%- endmacro %}

{#- What is wrong with a declared change, as the end of a sentence; null where nothing is. -#}
{%- macro problem_of_change() -%}
    case
        when change_key is null then 'has no change_key'
        when not {{ is_address_word('change_key') }}
            then 'has a change_key that is no address: use up to 64 letters, digits, dots, hyphens and underscores'
        when same_keys_count > 1 then 'is declared more than once'
        when title is null then 'has no title'
        when started_date is null
            then 'has the started_date ' || {{ quoted_or_nothing('started_text') }} || ': write a day as 2026-01-31'
        when ended_text is not null and ended_date is null
            then 'has the ended_date ' || {{ quoted_or_nothing('ended_text') }} || ': write a day as 2026-01-31, or nothing'
        when settled_text is not null and settled_date is null
            then 'has the settled_date ' || {{ quoted_or_nothing('settled_text') }} || ': write a day as 2026-01-31, or nothing'
        when roll_out not in ('at once', 'gradual')
            then 'has the roll_out ' || {{ quoted_or_nothing('roll_out') }} || ': say at once or gradual'
        when roll_out = 'gradual' and settled_date is null
            then 'is gradual, but no settled_date says from when on it holds everywhere'
        when window_text is not null and not coalesce(written_weeks between 4 and 104, false)
            then 'has the window_weeks ' || {{ quoted_or_nothing('window_text') }} || ': write a whole number from 4 to 104, or nothing'
        when settled_date < started_date then 'is settled before it starts'
        when ended_date <= coalesce(settled_date, started_date) then 'ends before it is in effect'
    end
{%- endmacro %}

{%- macro quoted_or_nothing(text) -%}
    coalesce('''' || {{ text }} || '''', 'nothing')
{%- endmacro %}
