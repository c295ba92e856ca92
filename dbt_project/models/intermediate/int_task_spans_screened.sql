{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ make_room(is_of_rescreened_task()) }}"
) }}
with

value_spans as (
    select * from {{ ref('int_task_value_spans') }}
    where {{ is_of_rescreened_task() }}
),

column_spans as (
    select * from {{ ref('int_task_column_spans') }}
    where {{ is_of_rescreened_task() }}
),

project_spans as (
    select * from {{ ref('int_task_project_spans') }}
    where {{ is_of_rescreened_task() }}
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

all_spans as (
    select
        task_id,
        span_kind,
        cast(null as varchar) as board_phid,
        span_value,
        started_at,
        ended_at
    from value_spans
    union all
    select
        task_id,
        'column' as span_kind,
        board_phid,
        span_value,
        started_at,
        ended_at
    from column_spans
    union all
    select
        task_id,
        'project' as span_kind,
        cast(null as varchar) as board_phid,
        span_value,
        started_at,
        ended_at
    from project_spans
),

screened_spans as (
    select
        all_spans.task_id,
        all_spans.span_kind,
        all_spans.board_phid,
        all_spans.span_value,
        case all_spans.span_kind
            when 'project'
                then
                    screened_tasks.is_published
                    and coalesce(screened_projects.is_published, {{ is_allowed_unknown() }})
            when 'column'
                then
                    screened_tasks.is_published
                    and coalesce(boards.is_published, {{ is_allowed_unknown() }})
                    and coalesce(board_columns.is_published, true)
            else screened_tasks.is_published
        end as is_published,
        all_spans.started_at,
        all_spans.ended_at
    from all_spans
    inner join screened_tasks on all_spans.task_id = screened_tasks.task_id
    left join screened_projects
        on
            case when all_spans.span_kind = 'project' then all_spans.span_value end
            = screened_projects.project_phid
    left join screened_projects as boards on all_spans.board_phid = boards.project_phid
    left join board_columns
        on
            case when all_spans.span_kind = 'column' then all_spans.span_value end
            = board_columns.column_phid
)

select * from screened_spans
