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

boards as (
    select
        task_id,
        unnest(map_entries(board_columns)) as board
    from tasks
),

-- The server may name several columns of one board: positions from before a milestone stay behind.
columns_of_boards as (
    select
        task_id,
        board['key'] as board_phid,
        unnest(board['value']['columns']) as board_column,
        generate_subscripts(board['value']['columns'], 1) as column_index
    from boards
),

renamed as (
    select
        task_id,
        board_phid,
        board_column['phid'] as column_phid,
        column_index
    from columns_of_boards
)

select * from renamed
