with

events as (
    select * from {{ ref('int_task_events_normalised') }}
    where event_type in ('subtask', 'parent')
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

closed_spans as (
    select * from {{ ref('int_task_closed_spans') }}
    where span_value = 'open'
),

role_spans as (
    select * from {{ ref('int_task_role_spans') }}
    where span_role = 'waiting'
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
    where is_published
),

-- Both tasks write the same change down. A sub-task that may not be published blocks nothing.
edge_events as (
    select
        case events.event_type when 'subtask' then events.task_id else others.task_id end as parent_task_id,
        case events.event_type when 'subtask' then others.task_id else events.task_id end as subtask_id,
        events.effective_at as changed_at,
        events.transaction_id,
        events.event_index,
        events.new_value is not null as is_added
    from events
    inner join screened_tasks on events.task_id = screened_tasks.task_id
    inner join screened_tasks as others on events.object_phid = others.task_phid
),

ranked_edge_events as (
    select
        *,
        row_number() over (
            partition by parent_task_id, subtask_id order by changed_at, transaction_id, event_index
        ) as event_number
    from edge_events
),

-- What is taken away first was there since both tasks were.
changes as (
    select
        ranked_edge_events.parent_task_id,
        ranked_edge_events.subtask_id,
        greatest(parents.created_at, subtasks.created_at) as changed_at,
        cast(-1 as bigint) as transaction_id,
        0 as event_index,
        'subtask' as span_value
    from ranked_edge_events
    inner join tasks as parents on ranked_edge_events.parent_task_id = parents.task_id
    inner join tasks as subtasks on ranked_edge_events.subtask_id = subtasks.task_id
    where ranked_edge_events.event_number = 1 and not ranked_edge_events.is_added
    union all
    select
        parent_task_id,
        subtask_id,
        changed_at,
        transaction_id,
        event_index,
        case when is_added then 'subtask' end as span_value
    from ranked_edge_events
),
{{ spans_of('changes', 'parent_task_id, subtask_id') }},

open_subtasks as (
    select
        spans.parent_task_id,
        greatest(spans.started_at, closed_spans.started_at) as started_at,
        {{ earlier_end('spans.ended_at', 'closed_spans.ended_at') }} as ended_at
    from spans
    inner join closed_spans
        on spans.subtask_id = closed_spans.task_id and {{ overlap('spans', 'closed_spans') }}
),

open_subtasks_of_open_tasks as (
    select
        open_subtasks.parent_task_id as task_id,
        greatest(open_subtasks.started_at, closed_spans.started_at) as started_at,
        {{ earlier_end('open_subtasks.ended_at', 'closed_spans.ended_at') }} as ended_at
    from open_subtasks
    inner join closed_spans
        on
            open_subtasks.parent_task_id = closed_spans.task_id
            and {{ overlap('open_subtasks', 'closed_spans') }}
),
{{ merged_spans_of('open_subtasks_of_open_tasks', 'task_id') }},

blocked_spans as (
    select
        task_id,
        'subtask' as blocking_cause,
        cast(null as varchar) as board_phid,
        started_at,
        ended_at
    from open_subtasks_of_open_tasks_merged
    union all
    select
        role_spans.task_id,
        case when role_spans.board_phid is null then 'status' else 'column' end as blocking_cause,
        role_spans.board_phid,
        role_spans.started_at,
        role_spans.ended_at
    from role_spans
    inner join screened_tasks on role_spans.task_id = screened_tasks.task_id
)

select * from blocked_spans
