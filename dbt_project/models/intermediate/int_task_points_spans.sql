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
    where {{ is_of_changed_task() }} and event_type = 'points'
),

ranked_events as (
    select
        task_id,
        effective_at as changed_at,
        transaction_id,
        event_index,
        {{ to_number('old_value') }} as old_points,
        {{ to_number('new_value') }} as new_points,
        row_number() over (
            partition by task_id order by effective_at, transaction_id, event_index
        ) as event_number
    from events
),

-- The points at creation have no transaction: they are what the first change replaced, or what the task
-- has still.
starting_points as (
    select
        tasks.task_id,
        tasks.created_at as changed_at,
        cast(-1 as bigint) as transaction_id,
        0 as event_index,
        case
            when first_events.task_id is null then tasks.points
            else first_events.old_points
        end as span_value
    from tasks
    left join ranked_events as first_events
        on tasks.task_id = first_events.task_id and first_events.event_number = 1
),

changes as (
    select * from starting_points
    union all
    select
        task_id,
        changed_at,
        transaction_id,
        event_index,
        new_points as span_value
    from ranked_events
),
{{ spans_of('changes', 'task_id') }},

points_spans as (
    select
        task_id,
        span_value as points,
        started_at,
        ended_at
    from spans
)

select * from points_spans
