{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_changed_task()) }}"
) }}
with

tasks as (
    select * from {{ ref('stg_phabricator__tasks') }}
    where {{ is_of_changed_task() }}
),

tasks_told as (
    select * from {{ ref('int_tasks_told_by_history') }}
    where {{ is_of_changed_task() }}
),

statuses as (
    select * from {{ ref('int_statuses_gathered') }}
),

priorities as (
    select * from {{ ref('stg_phabricator__priorities') }}
),

gone_objects as (
    select * from {{ ref('int_objects_gone') }}
    where stream = 'tasks'
),

tasks_of_server as (
    select
        tasks.task_id,
        tasks.task_phid,
        tasks.author_phid,
        tasks.owner_phid,
        tasks.closer_phid,
        tasks.space_phid,
        tasks.title,
        tasks.status,
        tasks.status_name,
        tasks.priority,
        tasks.priority_name,
        tasks.subtype,
        tasks.view_policy,
        tasks.points,
        false as is_told_by_history,
        tasks.created_at,
        tasks.modified_at,
        tasks.server_closed_at
    from tasks
    left join gone_objects on cast(tasks.task_id as varchar) = gone_objects.object_key
    where gone_objects.object_key is null
),

-- Nobody knows who may see these: 'unknown' is published only where the var export_policies says so.
tasks_of_history as (
    select
        tasks_told.task_id,
        cast(null as varchar) as task_phid,
        tasks_told.author_phid,
        tasks_told.owner_phid,
        cast(null as varchar) as closer_phid,
        tasks_told.space_phid,
        tasks_told.title,
        tasks_told.status,
        statuses.status_name,
        tasks_told.priority,
        priorities.priority_name,
        tasks_told.subtype,
        'unknown' as view_policy,
        tasks_told.points,
        true as is_told_by_history,
        tasks_told.created_at,
        tasks_told.modified_at,
        cast(null as timestamp) as server_closed_at
    from tasks_told
    left join statuses on tasks_told.status = statuses.status
    left join priorities on tasks_told.priority = priorities.priority
),

all_tasks as (
    select * from tasks_of_server
    union all
    select * from tasks_of_history
)

select * from all_tasks
