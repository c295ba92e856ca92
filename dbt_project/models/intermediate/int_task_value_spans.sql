{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_changed_task()) }}"
) }}
with

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
    where {{ is_of_changed_task() }}
),

events as (
    select * from {{ ref('int_task_events_normalised') }}
    where {{ is_of_changed_task() }}
),

statuses as (
    select * from {{ ref('int_statuses_gathered') }}
),

special_statuses as (
    {{ special_statuses('statuses') }}
),

-- Merging sets the status without saying so. A task that was merged before its first status change was
-- in the default status.
value_events as (
    select
        events.task_id,
        case when events.event_type = 'merged' then 'status' else events.event_type end as span_kind,
        events.effective_at as changed_at,
        events.transaction_id,
        events.event_index,
        case
            when events.event_type = 'merged' then special_statuses.default_status
            else nullif(events.old_value, '')
        end as old_value,
        case
            when events.event_type = 'merged' then special_statuses.duplicate_status
            else nullif(events.new_value, '')
        end as new_value
    from events
    cross join special_statuses
    where events.event_type in ('status', 'merged', 'priority', 'owner')
),

ranked_value_events as (
    select
        *,
        row_number() over (
            partition by task_id, span_kind order by changed_at, transaction_id, event_index
        ) as event_number
    from value_events
),

current_values as (
    select
        task_id,
        'status' as span_kind,
        created_at,
        status as current_value
    from tasks
    union all
    select
        task_id,
        'priority' as span_kind,
        created_at,
        priority as current_value
    from tasks
    union all
    select
        task_id,
        'owner' as span_kind,
        created_at,
        owner_phid as current_value
    from tasks
),

-- The value at creation has no transaction: it is what the first change replaced, or what the task has
-- still.
starting_values as (
    select
        current_values.task_id,
        current_values.span_kind,
        current_values.created_at as changed_at,
        cast(-1 as bigint) as transaction_id,
        0 as event_index,
        case
            when first_events.task_id is null then current_values.current_value
            when current_values.span_kind = 'status'
                then coalesce(first_events.old_value, special_statuses.default_status)
            when current_values.span_kind = 'priority'
                then coalesce(first_events.old_value, first_events.new_value)
            else first_events.old_value
        end as span_value
    from current_values
    cross join special_statuses
    left join ranked_value_events as first_events
        on
            current_values.task_id = first_events.task_id
            and current_values.span_kind = first_events.span_kind
            and first_events.event_number = 1
),

changes as (
    select
        task_id,
        span_kind,
        changed_at,
        transaction_id,
        event_index,
        span_value
    from starting_values
    union all
    select
        task_id,
        span_kind,
        changed_at,
        transaction_id,
        event_index,
        new_value as span_value
    from value_events
    where new_value is not null or span_kind = 'owner'
),
{{ spans_of('changes', 'task_id, span_kind') }}

select * from spans
