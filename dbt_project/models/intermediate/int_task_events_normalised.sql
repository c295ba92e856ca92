{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_changed_task()) }}"
) }}
with

changes as (
    select * from {{ ref('int_task_changes_named') }}
    where {{ is_of_changed_task() }}
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
    where {{ is_of_changed_task() }}
),

events as (
    select
        changes.*,
        greatest(changes.occurred_at, tasks.created_at) as effective_at
    from changes
    inner join tasks on changes.task_id = tasks.task_id
),

created_tasks as (
    select distinct task_id
    from changes
    where event_type = 'created'
),

-- Many old tasks have no such transaction.
missing_creations as (
    select
        tasks.task_id,
        cast(0 as bigint) as transaction_id,
        1 as event_index,
        tasks.author_phid as actor_phid,
        'created' as event_type,
        cast(null as varchar) as field_name,
        cast(null as varchar) as old_value,
        cast(null as varchar) as new_value,
        cast(null as varchar) as board_phid,
        cast(null as varchar) as object_phid,
        cast(null as varchar) as edit_group,
        tasks.created_at as occurred_at,
        tasks.created_at as effective_at
    from tasks
    left join created_tasks on tasks.task_id = created_tasks.task_id
    where created_tasks.task_id is null
),

all_events as (
    select * from events
    union all
    select * from missing_creations
)

select * from all_events
