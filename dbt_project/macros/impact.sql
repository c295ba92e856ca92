{#- How the effect of a change is judged. docs/impact.md has the formulas, where they come from, and how they were tried. -#}

{#- Weeks that a block of the bootstrap keeps together, because what one week is like the next one often is, too. -#}
{%- macro impact_block_weeks() -%}{{ return(4) }}{%- endmacro %}

{#- How often the weeks of both windows are drawn anew. -#}
{%- macro impact_trials() -%}{{ return(1000) }}{%- endmacro %}

{#- A verdict is wrong in at most this share of the changes that did nothing. -#}
{%- macro impact_error_share() -%}0.05{%- endmacro %}

{#- The weeks before the first window that tell how much such differences vary by themselves. -#}
{%- macro impact_history_weeks() -%}{{ return(156) }}{%- endmacro %}

{#- Lags of the Newey-West errors. -#}
{%- macro impact_lags() -%}{{ return(4) }}{%- endmacro %}

{#- Of more projects than this, those that closed most are compared with and charted, which bounds the time that a build takes. -#}
{%- macro impact_most_projects() -%}200{%- endmacro %}

{#- The value of a week as it is averaged. Of ratios that is its logarithm, and what took less than an hour took an hour. -#}
{%- macro impact_scaled(value, averaged_as) -%}
    case when {{ averaged_as }} = 'ratios' then ln(greatest({{ value }}, 1 / 24.0)) else {{ value }} end
{%- endmacro %}

{#- The reverse. -#}
{%- macro impact_unscaled(scaled, averaged_as) -%}
    case when {{ averaged_as }} = 'ratios' then exp({{ scaled }}) else {{ scaled }} end
{%- endmacro %}

{#- A difference of scaled values in the measure's own unit, seen from the value before. -#}
{%- macro impact_difference(scaled_difference, before_value, averaged_as) -%}
    case
        when {{ averaged_as }} = 'ratios' then {{ before_value }} * (exp({{ scaled_difference }}) - 1)
        else {{ scaled_difference }}
    end
{%- endmacro %}

{#-
  Probability of a value of Student's t at least this far from 0 on either side, for a whole number of degrees of freedom
  (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4).
-#}
{%- macro student_t_p_value(t, degrees) -%}
    case
        when {{ degrees }} % 2 = 0
            then 1 - sin(atan(abs({{ t }}) / sqrt({{ degrees }})))
                * list_sum(list_transform(
                    range(0, cast({{ degrees }} / 2 as bigint)),
                    lambda k: exp(lgamma(k + 0.5) - lgamma(k + 1) - 0.5 * ln(pi()))
                        * pow(cos(atan(abs({{ t }}) / sqrt({{ degrees }}))), 2 * k)
                ))
        else 1 - 2 / pi() * (
            atan(abs({{ t }}) / sqrt({{ degrees }}))
            + sin(atan(abs({{ t }}) / sqrt({{ degrees }}))) * cos(atan(abs({{ t }}) / sqrt({{ degrees }})))
            * coalesce(list_sum(list_transform(
                range(0, cast(({{ degrees }} - 1) / 2 as bigint)),
                lambda k: exp(lgamma(k + 1) - lgamma(k + 1.5) + 0.5 * ln(pi())) / 2
                    * pow(cos(atan(abs({{ t }}) / sqrt({{ degrees }}))), 2 * k)
            )), 0)
        )
    end
{%- endmacro %}

{#- The value of Student's t that 2.5 % exceed (Abramowitz and Stegun, 26.7.5, which is too rough below 4 degrees of freedom). -#}
{%- macro student_t_bound(degrees) -%}
    {%- set z = 1.959963984540054 -%}
    case {{ degrees }}
        when 1 then 12.706204736432095
        when 2 then 4.302652729696142
        when 3 then 3.182446305284263
        else
            {{ z }}
            + {{ (z ** 3 + z) / 4 }} / {{ degrees }}
            + {{ (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96 }} / pow({{ degrees }}, 2)
            + {{ (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384 }} / pow({{ degrees }}, 3)
            + {{ (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160 }} / pow({{ degrees }}, 4)
    end
{%- endmacro %}

{#-
  Sums of blocks of weeks that follow each other, one for each week that a block can begin with; after the last week
  comes the first (circular blocks).
-#}
{%- macro sums_of_blocks(values) -%}
    list_transform(
        range(0, len({{ values }})),
        lambda first:
            {%- for week in range(impact_block_weeks()) %}
            {{ values }}[(first + {{ week }}) % len({{ values }}) + 1]{{ ' +' if not loop.last }}
            {%- endfor %}
    )
{%- endmacro %}

{#- The sum of those of a list's values that stand at these places. -#}
{%- macro sum_at(values, places) -%}
    list_sum(list_transform({{ places }}, lambda place: {{ values }}[place]))
{%- endmacro %}

{#-
  The places, from 1 on, that a trial draws: each is the number in the last 8 bytes of the MD5 hash of 'seed:trial:window:draw',
  modulo how many there are.
-#}
{%- macro drawn_places(trial, draws_count, places_count) -%}
    list_transform(
        range(1, {{ draws_count }} + 1),
        lambda draw: cast({{ hashed_number(trial ~ ' || draw') }} % cast({{ places_count }} as ubigint) as bigint) + 1
    )
{%- endmacro %}

{#- Natural process limits of an XmR chart are so many mean moving ranges from the mean (Wheeler). -#}
{%- macro process_limit_ratio() -%}2.66{%- endmacro %}

{#- A limit or centre, kept within what a quantity of its unit can be: nothing is below 0, and no share above 1. -#}
{%- macro within_possible(value, unit) -%}
    case when {{ unit }} = 'share' then least(greatest({{ value }}, 0), 1) else greatest({{ value }}, 0) end
{%- endmacro %}

{#- The subject that trains' measures belong to. -#}
{%- macro train_subject() -%}'train/production'{%- endmacro %}

{#- How many of the weeks of a window must have a value: two thirds. -#}
{%- macro impact_least_weeks(window_weeks) -%}
    cast(ceil({{ window_weeks }} * 2 / 3.0) as integer)
{%- endmacro %}

{#-
  CTEs that end in one named `name`: for every week of a series the difference that a change in that week would show. It is null
  where one of the windows does not fit in, or lacks values.
-#}
{%- macro differences_at_every_week(series, name) -%}
{{ name }}_windows as (
    select
        *,
        count(*) over {{ name }}_before as weeks_before_count,
        count(*) over {{ name }}_after as weeks_after_count,
        count(case when week_weight > 0 then 1 end) over {{ name }}_before as values_before_count,
        count(case when week_weight > 0 then 1 end) over {{ name }}_after as values_after_count,
        sum(week_weight) over {{ name }}_before as weight_before,
        sum(week_weight) over {{ name }}_after as weight_after,
        sum(week_weight * coalesce(scaled_value, 0)) over {{ name }}_before as sum_before,
        sum(week_weight * coalesce(scaled_value, 0)) over {{ name }}_after as sum_after
    from {{ series }}
    window
        {{ name }}_before as (
            partition by change_key, subject_kind, subject_key, measure
            order by week_number
            range between window_weeks + settling_weeks preceding and settling_weeks + 1 preceding
        ),
        {{ name }}_after as (
            partition by change_key, subject_kind, subject_key, measure
            order by week_number
            range between current row and window_weeks - 1 following
        )
),

{{ name }} as (
    select
        change_key,
        subject_kind,
        subject_key,
        measure,
        week_number,
        case
            when
                weeks_before_count = window_weeks
                and weeks_after_count = window_weeks
                and values_before_count >= {{ impact_least_weeks('window_weeks') }}
                and values_after_count >= {{ impact_least_weeks('window_weeks') }}
                then sum_after / weight_after - sum_before / weight_before
        end as difference
    from {{ name }}_windows
)
{%- endmacro %}

{#- The nearest in size of the projects that did not change, at most so many. -#}
{%- macro impact_most_controls() -%}10{%- endmacro %}

{#- Of more projects than this, those that closed most have process behaviour charts. -#}
{%- macro impact_most_charts() -%}{{ return(60) }}{%- endmacro %}

{#- How many ended weeks a process behaviour chart shows. -#}
{%- macro process_behaviour_weeks() -%}{{ return(104) }}{%- endmacro %}

{#- Its limits come from so many weeks with a value, the first ones, or the first ones after a declared change. -#}
{%- macro process_baseline_weeks() -%}{{ return(26) }}{%- endmacro %}

{#- A signal belongs to a change that was declared for one of so many weeks before it. -#}
{%- macro process_signal_weeks() -%}{{ return(8) }}{%- endmacro %}

{#- Whether rows of two tables are of the same measure of the same subject of the same change. -#}
{%- macro same_series(one, other) -%}
    {{ one }}.change_key = {{ other }}.change_key
    and {{ one }}.subject_kind = {{ other }}.subject_kind
    and {{ one }}.subject_key = {{ other }}.subject_key
    and {{ one }}.measure = {{ other }}.measure
{%- endmacro %}

{#- Whether a project's path is that of another project, or of one below it. -#}
{%- macro is_path_within(path, other_path) -%}
    starts_with(coalesce({{ path }}, '') || ' / ', coalesce({{ other_path }}, '?') || ' / ')
{%- endmacro %}

{#-
  Columns with how many weeks of a window have a value, their samples and their weighted mean, for a window that a column names.
-#}
{%- macro window_sums(week_window) -%}
    count(case when week_window = '{{ week_window }}' and week_weight > 0 then 1 end) as {{ week_window }}_weeks_count,
    cast(coalesce(sum(case when week_window = '{{ week_window }}' then samples_count end), 0) as bigint)
        as {{ week_window }}_samples_count,
    sum(case when week_window = '{{ week_window }}' then week_weight * scaled_value end)
    / nullif(sum(case when week_window = '{{ week_window }}' then week_weight end), 0)
        as {{ week_window }}_scaled_value
{%- endmacro %}

{#- Whether a number is what adding and taking away fractions leaves of 0: it would say another thing at every build. -#}
{%- macro is_dust(number) -%}
    abs({{ number }}) < 1e-9
{%- endmacro %}

{#- How much a week weighs in the mean of its window. -#}
{%- macro week_weight(measured_value, samples_count, averaged_as) -%}
    cast(
        case
            when {{ measured_value }} is null then 0
            when {{ averaged_as }} = 'weeks' then 1
            else {{ samples_count }}
        end as double
    )
{%- endmacro %}
