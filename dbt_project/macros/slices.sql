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
