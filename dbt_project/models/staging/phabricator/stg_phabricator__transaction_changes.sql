with

transactions as (
    select * from {{ ref('stg_phabricator__transactions') }}
),

-- The shape says where in the values the change is: 'scalar' (they are the change), 'set' (PHIDs
-- before and after), 'map' (PHID to value), 'moves' and the two older kinds of column moves, or
-- 'none'.
typed as (
    select
        transaction_id,
        task_id,
        author_phid as actor_phid,
        edit_group,
        custom_field as field_name,
        occurred_at,
        old_value,
        new_value,
        {{ event_type('raw_type', 'edge_type') }} as event_type,
        {{ change_shape('raw_type') }} as change_shape
    from transactions
),

scalars as (
    select
        transaction_id,
        1 as event_index,
        {{ json_scalar('old_value') }} as old_value,
        {{ json_scalar('new_value') }} as new_value,
        cast(null as varchar) as board_phid,
        case
            when event_type = 'merged' then {{ json_phids('new_value') }}[1]
        end as object_phid
    from typed
    where change_shape = 'scalar'
),

bare as (
    select
        transaction_id,
        1 as event_index,
        cast(null as varchar) as old_value,
        cast(null as varchar) as new_value,
        cast(null as varchar) as board_phid,
        cast(null as varchar) as object_phid
    from typed
    where change_shape = 'none'
),

-- Compact edges hold what was taken away and what was added, old ones everything before and after: the
-- differences are the same.
sets as (
    select
        transaction_id,
        {{ json_phids('old_value') }} as old_phids,
        {{ json_phids('new_value') }} as new_phids
    from typed
    where change_shape = 'set'
),

set_differences as (
    select
        transaction_id,
        {{ list_difference('old_phids', 'new_phids') }} as removed_phids,
        {{ list_difference('new_phids', 'old_phids') }} as added_phids
    from sets
),

removals as (
    select
        transaction_id,
        generate_subscripts(removed_phids, 1) as event_index,
        unnest(removed_phids) as object_phid
    from set_differences
),

additions as (
    select
        transaction_id,
        len(removed_phids) + generate_subscripts(added_phids, 1) as event_index,
        unnest(added_phids) as object_phid
    from set_differences
),

members as (
    select
        transaction_id,
        event_index,
        object_phid as old_value,
        cast(null as varchar) as new_value,
        cast(null as varchar) as board_phid,
        object_phid
    from removals
    union all
    select
        transaction_id,
        event_index,
        cast(null as varchar) as old_value,
        object_phid as new_value,
        cast(null as varchar) as board_phid,
        object_phid
    from additions
),

maps as (
    select
        transaction_id,
        old_value,
        new_value,
        unnest(json_keys(new_value)) as object_phid,
        generate_subscripts(json_keys(new_value), 1) as event_index
    from typed
    where change_shape = 'map'
),

map_entries_changed as (
    select
        transaction_id,
        event_index,
        json_extract_string(old_value, '$."' || object_phid || '"') as old_value,
        json_extract_string(new_value, '$."' || object_phid || '"') as new_value,
        cast(null as varchar) as board_phid,
        object_phid
    from maps
),

-- Since 2016: a list with one element for each board.
move_lists as (
    select
        transaction_id,
        {{ from_document(json_list('new_value'), '[{
            "boardPHID": "VARCHAR",
            "columnPHID": "VARCHAR",
            "fromColumnPHIDs": "JSON"
        }]') }} as moves
    from typed
    where change_shape = 'moves'
),

moves as (
    select
        transaction_id,
        generate_subscripts(moves, 1) as event_index,
        unnest(moves) as board_move
    from move_lists
),

column_moves as (
    select
        transaction_id,
        event_index,
        {{ json_phids("board_move['fromColumnPHIDs']") }}[1] as old_value,
        board_move['columnPHID'] as new_value,
        board_move['boardPHID'] as board_phid,
        board_move['columnPHID'] as object_phid
    from moves
),

-- Before 2016: one board and its columns.
board_moves as (
    select
        transaction_id,
        1 as event_index,
        {{ json_phids("json_extract(old_value, '$.columnPHIDs')") }}[1] as old_value,
        {{ json_phids("json_extract(new_value, '$.columnPHIDs')") }}[1] as new_value,
        json_extract_string(new_value, '$.projectPHID') as board_phid,
        {{ json_phids("json_extract(new_value, '$.columnPHIDs')") }}[1] as object_phid
    from typed
    where change_shape = 'board move'
),

-- Older still: a column alone; which board it is on says the column.
bare_moves as (
    select
        transaction_id,
        1 as event_index,
        {{ json_phids('old_value') }}[1] as old_value,
        {{ json_phids('new_value') }}[1] as new_value,
        cast(null as varchar) as board_phid,
        {{ json_phids('new_value') }}[1] as object_phid
    from typed
    where change_shape = 'bare move'
),

changes as (
    select * from scalars
    union all
    select * from bare
    union all
    select * from members
    union all
    select * from map_entries_changed
    union all
    select * from column_moves
    union all
    select * from board_moves
    union all
    select * from bare_moves
),

changes_with_transactions as (
    select
        changes.transaction_id,
        cast(changes.event_index as integer) as event_index,
        typed.task_id,
        typed.actor_phid,
        changes.board_phid,
        changes.object_phid,
        typed.event_type,
        typed.field_name,
        changes.old_value,
        changes.new_value,
        typed.edit_group,
        typed.occurred_at
    from changes
    inner join typed on changes.transaction_id = typed.transaction_id
)

select * from changes_with_transactions
