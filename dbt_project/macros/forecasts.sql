{#- How many tasks must have been closed in the window before a forecast: fewer say nothing. -#}
{%- macro forecast_least_tasks() -%}10{%- endmacro %}

{#- Of more projects than this, those that closed most are forecast, which bounds the time that a build takes. -#}
{%- macro forecast_most_projects() -%}500{%- endmacro %}

{#- The last day ahead for which a forecast is given. -#}
{%- macro forecast_last_horizon() -%}{{ return(182) }}{%- endmacro %}

{#- The days ahead for which a forecast is given: every day of four weeks, then the last one of each week. -#}
{%- macro forecast_horizons() -%}
    {{ return((range(1, 29) | list) + (range(35, forecast_last_horizon() + 1, 7) | list)) }}
{%- endmacro %}

{#- How far ahead the back-test looks, in days. -#}
{%- macro backtest_horizon() -%}28{%- endmacro %}

{#- From how many past Mondays the back-test forecasts. -#}
{%- macro backtest_origins() -%}26{%- endmacro %}

{#-
  Which day of the window, from 1 on, a simulated day repeats: the number that stands in the last 8 bytes of the MD5
  hash of 'seed:trial:day', modulo the days of the window. MD5 is the same everywhere, and so are forecasts.

  trial: the text 'seed:trial:'; window_days: how many days there are to repeat.
-#}
{%- macro drawn_day(trial, day, window_days) -%}
    cast({{ hashed_number(trial ~ ' || ' ~ day) }} % cast({{ window_days }} as ubigint) as smallint) + 1
{%- endmacro %}

{#- The columns draw_1, draw_2 ...: what each day ahead repeats. -#}
{%- macro drawn_days(trial, window_days) -%}
    {%- for day in range(1, forecast_last_horizon() + 1) -%}
    {{ drawn_day(trial, "'" ~ day ~ "'", window_days) }} as draw_{{ day }}{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{#-
  CTEs that go through the days ahead, ending in `simulated_days`: closed_by_7 is what a trial has closed by the end of
  day 7. A week is one step, for columns that build on each other within a step are slow where they are many.

  drawn: a CTE with draw_1 ... and the list of what was closed on each day of the window.
-#}
{%- macro simulated_days(drawn, closed_counts) %}
    {%- for week in range(1, forecast_last_horizon() // 7 + 1) %}
week_{{ week }} as (
    select
        *,
        {%- for day in range(7 * week - 6, 7 * week + 1) %}
        {{ closed_counts }}[draw_{{ day }}]{{ ' + closed_by_' ~ (day - 1) if day > 1 }} as closed_by_{{ day }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ drawn if week == 1 else 'week_' ~ (week - 1) }}
),
    {%- endfor %}

simulated_days as (
    select * from week_{{ forecast_last_horizon() // 7 }}
),
{%- endmacro %}

{#- The columns bounds_1, bounds_2 ...: the numbers that these shares of the trials reach by each horizon. -#}
{%- macro bounds_of_horizons(shares) -%}
    {%- for horizon in forecast_horizons() -%}
    {{ reached_by('closed_by_' ~ horizon, shares) }} as bounds_{{ horizon }}{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{#- The names of columns that differ by a number. -#}
{%- macro prefixed(prefix, numbers) -%}
    {%- set names = [] -%}
    {%- for number in numbers -%}{%- do names.append(prefix ~ number) -%}{%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
