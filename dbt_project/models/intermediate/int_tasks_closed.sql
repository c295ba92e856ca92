with

closed_spans as (
    select * from {{ ref('int_task_closed_spans') }}
    where span_value = 'closed'
),

closings as (
    select
        task_id,
        min(started_at) as first_closed_at,
        max(started_at) as last_closed_at,
        count(ended_at) as reopened_count,
        max(case when ended_at is null then 1 else 0 end) = 1 as is_closed
    from closed_spans
    group by task_id
)

select * from closings
