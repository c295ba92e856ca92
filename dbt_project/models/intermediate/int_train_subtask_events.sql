with

release_tasks as (
    select * from {{ ref('int_release_tasks_found') }}
),

events as (
    select * from {{ ref('int_task_events_normalised') }}
    where event_type in ('subtask', 'parent', 'subtask_status') and object_phid is not null
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

tasks_of_server as (
    select * from {{ ref('stg_phabricator__tasks') }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

-- Both tasks write down that one is the other's sub-task. The parent also hears of every closing.
told_events as (
    select
        release_tasks.version,
        events.object_phid as blocker_task_phid,
        events.event_type,
        events.actor_phid,
        events.new_value,
        events.transaction_id,
        events.event_index,
        events.effective_at as changed_at
    from events
    inner join release_tasks on events.task_id = release_tasks.task_id
    where events.event_type in ('subtask', 'subtask_status')
    union all
    select
        release_tasks.version,
        tasks.task_phid as blocker_task_phid,
        'subtask' as event_type,
        events.actor_phid,
        events.new_value,
        events.transaction_id,
        events.event_index,
        events.effective_at as changed_at
    from events
    inner join release_tasks on events.object_phid = release_tasks.task_phid
    inner join tasks on events.task_id = tasks.task_id
    where events.event_type = 'parent' and tasks.task_phid is not null
),

-- Sub-tasks that are gone leave every table; of those that were never seen only the PHID is known.
events_of_subtasks as (
    select
        told_events.version,
        told_events.blocker_task_phid,
        release_tasks.task_id,
        tasks.task_id as blocker_task_id,
        tasks.author_phid as blocker_author_phid,
        told_events.event_type,
        told_events.actor_phid,
        told_events.new_value,
        told_events.transaction_id,
        told_events.event_index,
        row_number() over (
            partition by told_events.version, told_events.blocker_task_phid
            order by told_events.changed_at, told_events.transaction_id, told_events.event_index
        ) as event_number,
        release_tasks.is_published
        and coalesce(screened_tasks.is_published, {{ is_allowed_unknown() }}) as is_published,
        greatest(
            release_tasks.created_at, coalesce(tasks.created_at, release_tasks.created_at)
        ) as known_since_at,
        told_events.changed_at
    from told_events
    inner join release_tasks on told_events.version = release_tasks.version
    left join tasks_of_server on told_events.blocker_task_phid = tasks_of_server.task_phid
    left join tasks on told_events.blocker_task_phid = tasks.task_phid
    left join screened_tasks on tasks.task_id = screened_tasks.task_id
    where tasks.task_id is not null or tasks_of_server.task_id is null
)

select * from events_of_subtasks
