with

changes as (
    select * from {{ ref('stg_phabricator__transaction_changes') }}
),

tasks as (
    select * from {{ ref('stg_phabricator__tasks') }}
),

board_columns as (
    select * from {{ ref('stg_phabricator__columns') }}
),

statuses as (
    select * from {{ ref('stg_phabricator__statuses') }}
),

legacy_statuses as (
    select * from {{ ref('legacy_statuses') }}
),

-- Old rows hold statuses as numbers. Of two names for one number it is the one that the server knows.
legacy_names as (
    select
        cast(legacy_statuses.legacy_value as varchar) as legacy_value,
        coalesce(max(statuses.status), max(legacy_statuses.status)) as status
    from legacy_statuses
    left join statuses on legacy_statuses.status = statuses.status
    group by legacy_statuses.legacy_value
),

-- An installation may use such a number as a key of its own.
unused_legacy_names as (
    select legacy_names.*
    from legacy_names
    left join statuses on legacy_names.legacy_value = statuses.status
    where statuses.status is null
),

events as (
    select
        changes.task_id,
        changes.transaction_id,
        changes.event_index,
        changes.actor_phid,
        changes.event_type,
        changes.field_name,
        coalesce(old_names.status, changes.old_value) as old_value,
        coalesce(new_names.status, changes.new_value) as new_value,
        coalesce(changes.board_phid, board_columns.project_phid) as board_phid,
        changes.object_phid,
        changes.edit_group,
        changes.occurred_at,
        greatest(changes.occurred_at, tasks.created_at) as effective_at
    from changes
    inner join tasks on changes.task_id = tasks.task_id
    left join board_columns
        on
            changes.event_type = 'column'
            and changes.board_phid is null
            and changes.new_value = board_columns.column_phid
    left join unused_legacy_names as old_names
        on changes.event_type in ('status', 'subtask_status') and changes.old_value = old_names.legacy_value
    left join unused_legacy_names as new_names
        on changes.event_type in ('status', 'subtask_status') and changes.new_value = new_names.legacy_value
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
