with

tags as (
    select * from {{ ref('int_task_tags_gathered') }}
),

server_columns as (
    select * from {{ ref('stg_phabricator__task_columns') }}
),

column_spans as (
    select * from {{ ref('int_task_column_spans') }}
),

project_spans as (
    select * from {{ ref('int_task_project_spans') }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

-- Where the server names several columns of a board, the one that the task was last moved to.
ranked_columns as (
    select
        server_columns.task_id,
        server_columns.board_phid,
        server_columns.column_phid,
        row_number() over (
            partition by server_columns.task_id, server_columns.board_phid
            order by case when column_spans.task_id is null then 1 else 0 end, server_columns.column_index
        ) as place
    from server_columns
    left join column_spans
        on
            server_columns.task_id = column_spans.task_id
            and server_columns.board_phid = column_spans.board_phid
            and server_columns.column_phid = column_spans.span_value
            and column_spans.ended_at is null
),

current_tags as (
    select
        tags.task_id,
        tags.project_phid,
        case
            when tasks.is_told_by_history then column_spans.span_value else ranked_columns.column_phid
        end as column_phid,
        screened_tasks.is_published and coalesce(screened_projects.is_published, false) as is_published,
        project_spans.started_at as tagged_at
    from tags
    inner join tasks on tags.task_id = tasks.task_id
    inner join screened_tasks on tags.task_id = screened_tasks.task_id
    left join screened_projects on tags.project_phid = screened_projects.project_phid
    left join ranked_columns
        on
            tags.task_id = ranked_columns.task_id
            and tags.project_phid = ranked_columns.board_phid
            and ranked_columns.place = 1
    left join column_spans
        on
            tags.task_id = column_spans.task_id
            and tags.project_phid = column_spans.board_phid
            and column_spans.ended_at is null
    left join project_spans
        on
            tags.task_id = project_spans.task_id
            and tags.project_phid = project_spans.project_phid
            and project_spans.ended_at is null
)

select * from current_tags
