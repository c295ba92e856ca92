{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_new_transaction()) }}"
) }}
with

transactions as (
    select * from {{ ref('stg_phabricator__transactions') }}
    where {{ is_of_new_transaction() }}
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

-- Every value is read once, in the way of its shape. Column moves since 2016 are a list with one element for
-- each board; before, they were of one board and its columns; older still, of a column alone, which says
-- what board it is on.
with_values_read as (
    select
        *,
        case change_shape
            when 'set' then {{ json_phids('old_value') }}
            when 'board move' then {{ json_phids("json_extract(old_value, '$.columnPHIDs')") }}
            when 'bare move' then {{ json_phids('old_value') }}
        end as old_phids,
        case change_shape
            when 'set' then {{ json_phids('new_value') }}
            when 'map' then json_keys(new_value)
            when 'board move' then {{ json_phids("json_extract(new_value, '$.columnPHIDs')") }}
            when 'bare move' then {{ json_phids('new_value') }}
        end as new_phids,
        case
            when change_shape = 'moves' then {{ from_document(json_list('new_value'), '[{
                "boardPHID": "VARCHAR",
                "columnPHID": "VARCHAR",
                "fromColumnPHIDs": "JSON"
            }]') }}
        end as board_moves
    from typed
),

-- One list of changes for each transaction, so that nothing need be joined to its transaction again. Compact
-- edges hold what was taken away and what was added, old ones everything before and after: the differences
-- are the same.
with_changes as (
    select
        *,
        case change_shape
            when 'scalar'
                then [{{ change(
                    old_value=json_scalar('old_value'),
                    new_value=json_scalar('new_value'),
                    object_phid="case when event_type = 'merged' then " ~ json_phids('new_value') ~ "[1] end"
                ) }}]
            when 'set'
                then list_concat(
                    list_transform(
                        {{ list_difference('old_phids', 'new_phids') }},
                        lambda phid: {{ change(old_value='phid', object_phid='phid') }}
                    ),
                    list_transform(
                        {{ list_difference('new_phids', 'old_phids') }},
                        lambda phid: {{ change(new_value='phid', object_phid='phid') }}
                    )
                )
            when 'map'
                then list_transform(
                    new_phids,
                    lambda phid: {{ change(
                        old_value="json_extract_string(old_value, '$.\"' || phid || '\"')",
                        new_value="json_extract_string(new_value, '$.\"' || phid || '\"')",
                        object_phid='phid'
                    ) }}
                )
            when 'moves'
                then list_transform(
                    board_moves,
                    lambda move: {{ change(
                        old_value=json_phids("move['fromColumnPHIDs']") ~ '[1]',
                        new_value="move['columnPHID']",
                        board_phid="move['boardPHID']",
                        object_phid="move['columnPHID']"
                    ) }}
                )
            when 'none' then [{{ change() }}]
            else [{{ change(
                old_value='old_phids[1]',
                new_value='new_phids[1]',
                board_phid="json_extract_string(new_value, '$.projectPHID')",
                object_phid='new_phids[1]'
            ) }}]
        end as changes
    from with_values_read
),

unfolded as (
    select
        transaction_id,
        task_id,
        actor_phid,
        event_type,
        field_name,
        edit_group,
        occurred_at,
        cast(generate_subscripts(changes, 1) as integer) as event_index,
        unnest(changes) as value_change
    from with_changes
),

renamed as (
    select
        transaction_id,
        event_index,
        task_id,
        actor_phid,
        value_change['board_phid'] as board_phid,
        value_change['object_phid'] as object_phid,
        event_type,
        field_name,
        value_change['old_value'] as old_value,
        value_change['new_value'] as new_value,
        edit_group,
        occurred_at
    from unfolded
)

select * from renamed
