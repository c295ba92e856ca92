{#-
  CTEs that turn changes into spans, ending in `spans` (keys, span_value, started_at, ended_at).

  A span is a state as it stands at the end of each second: of several changes in one second the last one in the order
  of transactions counts, and a change to the same value is none. A null value means "in no state" and gives no span.

  changes: a CTE with the keys, changed_at, span_value, transaction_id and event_index.
-#}
{%- macro spans_of(changes, keys) %}
ranked_within_second as (
    select
        *,
        row_number() over (
            partition by {{ keys }}, changed_at order by transaction_id desc, event_index desc
        ) as position_from_last
    from {{ changes }}
),

states as (
    select
        {{ keys }},
        changed_at,
        span_value,
        row_number() over (partition by {{ keys }} order by changed_at) as state_number,
        lag(span_value) over (partition by {{ keys }} order by changed_at) as previous_value
    from ranked_within_second
    where position_from_last = 1
),

turns as (
    select
        {{ keys }},
        span_value,
        changed_at as started_at,
        lead(changed_at) over (partition by {{ keys }} order by changed_at) as ended_at
    from states
    where state_number = 1 or span_value is distinct from previous_value
),

spans as (
    select * from turns
    where span_value is not null
)
{%- endmacro %}

{#-
  CTEs that join spans which overlap or touch, ending in `<spans>_merged` (keys, started_at, ended_at).

  spans: a CTE with the keys, started_at and ended_at, which is null while a span lasts.
-#}
{%- macro merged_spans_of(spans, keys) %}
{{ spans }}_reached as (
    select
        {{ keys }},
        started_at,
        ended_at,
        max(coalesce(ended_at, timestamp '9999-12-31')) over (
            partition by {{ keys }} order by started_at
            rows between unbounded preceding and 1 preceding
        ) as reached_at
    from {{ spans }}
),

{{ spans }}_numbered as (
    select
        {{ keys }},
        started_at,
        ended_at,
        sum(case when started_at <= reached_at then 0 else 1 end) over (
            partition by {{ keys }} order by started_at
        ) as span_number
    from {{ spans }}_reached
),

{{ spans }}_merged as (
    select
        {{ keys }},
        min(started_at) as started_at,
        case when count(*) = count(ended_at) then max(ended_at) end as ended_at
    from {{ spans }}_numbered
    group by {{ keys }}, span_number
)
{%- endmacro %}

{#- Whether two spans have a time in common. -#}
{%- macro overlap(one, other) -%}
    {{ one }}.started_at < coalesce({{ other }}.ended_at, timestamp '9999-12-31')
    and {{ other }}.started_at < coalesce({{ one }}.ended_at, timestamp '9999-12-31')
{%- endmacro %}

{#- The earlier of two ends, null being none. -#}
{%- macro earlier_end(one, other) -%}
    case
        when {{ one }} is null then {{ other }}
        when {{ other }} is null then {{ one }}
        else least({{ one }}, {{ other }})
    end
{%- endmacro %}
