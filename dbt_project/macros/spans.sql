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
