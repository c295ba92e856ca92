{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_new_document('task_id', ['phabricator_tasks'])) }}"
) }}
with

tasks as (
    select * from {{ ref('stg_phabricator__tasks') }}
    where {{ is_of_new_document('task_id', ['phabricator_tasks']) }}
),

unpacked as (
    select
        task_id,
        unnest(list_distinct(project_phids)) as project_phid
    from tasks
)

select * from unpacked
