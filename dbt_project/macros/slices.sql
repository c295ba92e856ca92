{#-
  The CTE `slicings`: one row per way to slice tasks, which are all of them, those of a subtype, those of a priority, and
  those of both.
-#}
{%- macro slicings() -%}
slicings as (
    select
        true as is_every_subtype,
        true as is_every_priority
    union all
    select
        false as is_every_subtype,
        true as is_every_priority
    union all
    select
        true as is_every_subtype,
        false as is_every_priority
    union all
    select
        false as is_every_subtype,
        false as is_every_priority
)
{%- endmacro %}

{#-
  CTEs that repeat rows once per slice that they are in, ending in `<rows>_sliced`. Sum rows up by their values before:
  there are fewer then.

  rows: a CTE with subtype, priority_name and the columns.
-#}
{%- macro slices_of(rows, columns) %}
{{ slicings() }},

{{ rows }}_sliced as (
    select
        case when slicings.is_every_subtype then 'all' else {{ rows }}.subtype end as subtype,
        case when slicings.is_every_priority then 'all' else {{ rows }}.priority_name end as priority_name
        {%- for column in columns %},
        {{ rows }}.{{ column }}
        {%- endfor %}
    from {{ rows }}
    cross join slicings
)
{%- endmacro %}

{#-
  CTEs that slice changes and add them up by period, ending in `periods`. Periods in which nothing changed are there for
  all tasks, as far as `project_periods` (int_project_periods_spined) has them. Days of single slices would be many and
  say little.

  rows: a CTE with project_phid, subtype, priority_name, period, period_started_date and the numbers.
-#}
{%- macro sums_by_period(rows, numbers) %}
{{ slices_of(rows, ['project_phid', 'period', 'period_started_date'] + numbers) }},

periods_without_changes as (
    select
        project_phid,
        'all' as subtype,
        'all' as priority_name,
        period,
        period_started_date
        {%- for number in numbers %},
        0 as {{ number }}
        {%- endfor %}
    from project_periods
),

changes_and_periods as (
    select
        project_phid,
        subtype,
        priority_name,
        period,
        period_started_date
        {%- for number in numbers %},
        {{ number }}
        {%- endfor %}
    from {{ rows }}_sliced
    where period != 'day' or (subtype = 'all' and priority_name = 'all')
    union all
    select * from periods_without_changes
),

periods as (
    select
        project_phid,
        subtype,
        priority_name,
        period,
        period_started_date
        {%- for number in numbers %},
        sum({{ number }}) as {{ number }}
        {%- endfor %}
    from changes_and_periods
    group by project_phid, subtype, priority_name, period, period_started_date
)
{%- endmacro %}
