-- Closing and opening cuts the time on a board into pieces, and loses none of it.
with

column_spans as (
    select * from {{ ref('int_task_column_spans') }}
),

board_spans as (
    select * from {{ ref('int_task_board_spans') }}
),

pieces as (
    select
        task_id,
        board_phid,
        {{ days_between('started_at', "coalesce(ended_at, timestamp '2200-01-01')") }} as column_days,
        0 as board_days
    from column_spans
    union all
    select
        task_id,
        board_phid,
        0 as column_days,
        {{ days_between('started_at', "coalesce(ended_at, timestamp '2200-01-01')") }} as board_days
    from board_spans
),

differences as (
    select
        task_id,
        board_phid,
        sum(column_days) as column_days,
        sum(board_days) as board_days
    from pieces
    group by task_id, board_phid
    having abs(sum(column_days) - sum(board_days)) > 0.00001
)

select * from differences
