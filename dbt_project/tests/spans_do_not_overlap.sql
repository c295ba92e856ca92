-- A task is in one status, at one priority, with one owner and in one column of a board at a time, and
-- tagged once with a project.
with

spans as (
    select
        *,
        case when span_kind = 'project' then span_value else board_phid end as lane
    from {{ ref('task_spans') }}
),

spans_with_next as (
    select
        *,
        lead(started_at) over (partition by task_id, span_kind, lane order by started_at) as next_started_at
    from spans
),

overlapping_spans as (
    select * from spans_with_next
    where next_started_at is not null and (ended_at is null or ended_at > next_started_at)
)

select * from overlapping_spans
