{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_changed_task()) }}"
) }}
with

value_spans as (
    select * from {{ ref('int_task_value_spans') }}
    where {{ is_of_changed_task() }}
),

statuses as (
    select * from {{ ref('int_statuses_given_roles') }}
),

-- From one closed status to another a task stays closed, as the server has it.
changes as (
    select
        value_spans.task_id,
        value_spans.started_at as changed_at,
        cast(0 as bigint) as transaction_id,
        0 as event_index,
        case when coalesce(statuses.is_closed, false) then 'closed' else 'open' end as span_value
    from value_spans
    left join statuses on value_spans.span_value = statuses.status
    where value_spans.span_kind = 'status'
),
{{ spans_of('changes', 'task_id') }}

select * from spans
