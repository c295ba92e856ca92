with

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

project_columns as (
    select
        column_phid,
        column_id,
        project_phid,
        proxy_project_phid,
        column_name,
        column_role,
        sequence,
        is_hidden,
        is_default,
        is_published,
        created_at,
        modified_at
    from board_columns
)

select * from project_columns
