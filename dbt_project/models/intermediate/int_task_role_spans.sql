{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_changed_task()) }}"
) }}
with

value_spans as (
    select * from {{ ref('int_task_value_spans') }}
    where {{ is_of_changed_task() }} and span_kind = 'status'
),

board_spans as (
    select * from {{ ref('int_task_board_spans') }}
    where {{ is_of_changed_task() }} and column_phid != 'closed'
),

statuses as (
    select * from {{ ref('int_statuses_given_roles') }}
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

boards as (
    select
        project_phid as board_phid,
        max(case when column_role = 'in progress' then 1 else 0 end) as has_column_in_progress
    from board_columns
    group by project_phid
),

-- On a board where no column's role is "in progress", work is done in the columns without a role.
column_spans as (
    select
        board_spans.task_id,
        board_spans.board_phid,
        case
            when board_columns.column_role is not null then board_columns.column_role
            when
                coalesce(boards.has_column_in_progress, 0) = 0
                and not coalesce(board_columns.is_default, false)
                and not coalesce(board_columns.is_milestone_column, false)
                then 'in progress'
        end as span_role,
        board_spans.started_at,
        board_spans.ended_at
    from board_spans
    left join boards on board_spans.board_phid = boards.board_phid
    left join board_columns on board_spans.column_phid = board_columns.column_phid
),

status_spans as (
    select
        value_spans.task_id,
        cast(null as varchar) as board_phid,
        statuses.status_role as span_role,
        value_spans.started_at,
        value_spans.ended_at
    from value_spans
    inner join statuses on value_spans.span_value = statuses.status
),

all_spans as (
    select * from column_spans
    union all
    select * from status_spans
),

role_spans as (
    select * from all_spans
    where span_role in ('in progress', 'waiting')
)

select * from role_spans
