{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_changed_task()) }}"
) }}
with

column_spans as (
    select * from {{ ref('int_task_column_spans') }}
    where {{ is_of_changed_task() }}
),

closed_spans as (
    select * from {{ ref('int_task_closed_spans') }}
    where {{ is_of_changed_task() }}
),

-- A closed task has left its column for the pseudo column 'closed'.
pieces as (
    select
        column_spans.task_id,
        column_spans.board_phid,
        case
            when closed_spans.span_value = 'closed' then 'closed'
            else column_spans.span_value
        end as column_phid,
        greatest(column_spans.started_at, closed_spans.started_at) as started_at,
        case
            when column_spans.ended_at is null then closed_spans.ended_at
            when closed_spans.ended_at is null then column_spans.ended_at
            else least(column_spans.ended_at, closed_spans.ended_at)
        end as ended_at
    from column_spans
    inner join closed_spans
        on
            column_spans.task_id = closed_spans.task_id
            and column_spans.started_at < coalesce(closed_spans.ended_at, timestamp '9999-12-31')
            and closed_spans.started_at < coalesce(column_spans.ended_at, timestamp '9999-12-31')
),

-- Moves of a closed task cut its time there into pieces that are one.
pieces_with_previous as (
    select
        *,
        case
            when
                lag(column_phid) over (partition by task_id, board_phid order by started_at) = column_phid
                and lag(ended_at) over (partition by task_id, board_phid order by started_at) = started_at
                then 0
            else 1
        end as is_first_piece
    from pieces
),

numbered_pieces as (
    select
        *,
        sum(is_first_piece) over (
            partition by task_id, board_phid order by started_at
            rows between unbounded preceding and current row
        ) as span_number
    from pieces_with_previous
),

spans as (
    select
        task_id,
        board_phid,
        column_phid,
        min(started_at) as started_at,
        case when count(*) = count(ended_at) then max(ended_at) end as ended_at
    from numbered_pieces
    group by task_id, board_phid, column_phid, span_number
)

select * from spans
