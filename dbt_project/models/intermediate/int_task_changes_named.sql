with

changes as (
    select * from {{ ref('stg_phabricator__transaction_changes') }}
),

board_columns as (
    select * from {{ ref('stg_phabricator__columns') }}
),

statuses as (
    select * from {{ ref('int_statuses_gathered') }}
    where is_listed
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

-- A condition on the changes alone would make DuckDB compare each of them with every column, so that what
-- does not join has no key.
named_changes as (
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
        changes.occurred_at
    from changes
    left join board_columns
        on
            case when changes.event_type = 'column' and changes.board_phid is null then changes.new_value end
            = board_columns.column_phid
    left join unused_legacy_names as old_names
        on
            case when changes.event_type in ('status', 'subtask_status') then changes.old_value end
            = old_names.legacy_value
    left join unused_legacy_names as new_names
        on
            case when changes.event_type in ('status', 'subtask_status') then changes.new_value end
            = new_names.legacy_value
)

select * from named_changes
