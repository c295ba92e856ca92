with

board_spans as (
    select * from {{ ref('int_task_board_spans') }}
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

excluded_subtypes as (
    select * from {{ ref('int_project_subtypes_excluded') }}
),

published_spans as (
    select board_spans.*
    from board_spans
    inner join tasks on board_spans.task_id = tasks.task_id
    inner join screened_tasks
        on board_spans.task_id = screened_tasks.task_id and screened_tasks.is_published
    inner join screened_projects
        on board_spans.board_phid = screened_projects.project_phid and screened_projects.is_published
    left join board_columns on board_spans.column_phid = board_columns.column_phid
    left join excluded_subtypes
        on
            board_spans.board_phid = excluded_subtypes.project_phid
            and tasks.subtype = excluded_subtypes.subtype
    where coalesce(board_columns.is_published, true) and excluded_subtypes.subtype is null
)

select * from published_spans
