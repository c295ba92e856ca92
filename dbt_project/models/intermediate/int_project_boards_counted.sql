with

ancestors as (
    select * from {{ ref('int_project_ancestors_resolved') }}
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

boards as (
    select distinct project_phid as board_phid
    from board_columns
),

counted_boards as (
    select
        ancestors.ancestor_phid as project_phid,
        boards.board_phid
    from boards
    inner join ancestors on boards.board_phid = ancestors.project_phid
    union all
    select
        'all' as project_phid,
        board_phid
    from boards
)

select * from counted_boards
