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
    select * from {{ ref('stg_phabricator__tasks') }}
),

gone_objects as (
    select * from {{ ref('int_objects_gone') }}
    where stream = 'tasks'
),

statuses as (
    select * from {{ ref('int_statuses_gathered') }}
),

special_statuses as (
    {{ special_statuses('statuses') }}
),

gone_tasks as (
    select cast(object_key as bigint) as task_id
    from gone_objects
),

changes_without_task as (
    select changes.*
    from changes
    left join tasks on changes.task_id = tasks.task_id
    left join gone_tasks on changes.task_id = gone_tasks.task_id
    where tasks.task_id is null and gone_tasks.task_id is null
),

-- Merging sets the status without saying so.
facts as (
    select
        changes_without_task.task_id,
        case changes_without_task.event_type
            when 'merged' then 'status'
            else changes_without_task.event_type
        end as fact,
        case changes_without_task.event_type
            when 'merged' then special_statuses.duplicate_status
            else changes_without_task.new_value
        end as fact_value,
        changes_without_task.actor_phid,
        changes_without_task.occurred_at,
        changes_without_task.transaction_id,
        changes_without_task.event_index
    from changes_without_task
    cross join special_statuses
),

ranked_facts as (
    select
        *,
        row_number() over (
            partition by task_id, fact order by occurred_at desc, transaction_id desc, event_index desc
        ) as place_from_last,
        row_number() over (
            partition by task_id
            order by case fact when 'created' then 0 else 1 end, occurred_at, transaction_id, event_index
        ) as place_from_creation
    from facts
),

-- A task is as its last changes left it, and was created by whoever did what is the first thing known of it.
last_facts as (
    select
        task_id,
        max(case when place_from_creation = 1 then actor_phid end) as author_phid,
        max(case when place_from_last = 1 and fact = 'owner' then fact_value end) as owner_phid,
        max(case when place_from_last = 1 and fact = 'space' then fact_value end) as space_phid,
        max(case when place_from_last = 1 and fact = 'title' then fact_value end) as title,
        max(case when place_from_last = 1 and fact = 'status' then fact_value end) as status,
        max(case when place_from_last = 1 and fact = 'priority' then fact_value end) as priority,
        max(case when place_from_last = 1 and fact = 'subtype' then fact_value end) as subtype,
        max(case when place_from_last = 1 and fact = 'points' then fact_value end) as points,
        max(case when place_from_creation = 1 then occurred_at end) as created_at,
        max(occurred_at) as modified_at
    from ranked_facts
    group by task_id
),

tasks_told as (
    select
        last_facts.task_id,
        last_facts.author_phid,
        last_facts.owner_phid,
        last_facts.space_phid,
        last_facts.title,
        coalesce(last_facts.status, special_statuses.default_status) as status,
        last_facts.priority,
        coalesce(last_facts.subtype, 'default') as subtype,
        {{ to_number('last_facts.points') }} as points,
        last_facts.created_at,
        last_facts.modified_at
    from last_facts
    cross join special_statuses
)

select * from tasks_told
