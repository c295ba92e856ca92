-- From its creation to this day a task has a status and a priority. What is known by its history alone may
-- never have had a change of priority: then nobody knows which it has.
with

tasks as (
    select * from {{ ref('tasks') }}
),

spans as (
    select * from {{ ref('task_spans') }}
    where span_kind in ('status', 'priority')
),

spans_with_next as (
    select
        *,
        row_number() over (partition by task_id, span_kind order by started_at) as span_number,
        lead(started_at) over (partition by task_id, span_kind order by started_at) as next_started_at
    from spans
),

first_spans as (
    select * from spans_with_next
    where span_number = 1
),

kinds as (
    select 'status' as span_kind
    union all
    select 'priority' as span_kind
),

late_starts as (
    select
        tasks.task_id,
        kinds.span_kind,
        first_spans.started_at as gap_started_at
    from tasks
    cross join kinds
    left join first_spans on tasks.task_id = first_spans.task_id and kinds.span_kind = first_spans.span_kind
    where
        first_spans.started_at is distinct from tasks.created_at
        and (kinds.span_kind = 'status' or tasks.priority is not null)
),

gaps as (
    select
        task_id,
        span_kind,
        ended_at as gap_started_at
    from spans_with_next
    where ended_at is distinct from next_started_at
),

findings as (
    select * from late_starts
    union all
    select * from gaps
)

select * from findings
