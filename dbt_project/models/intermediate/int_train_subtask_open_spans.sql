with

events as (
    select * from {{ ref('int_train_subtask_events') }}
),

closed_spans as (
    select * from {{ ref('int_task_closed_spans') }}
),

task_events as (
    select * from {{ ref('int_task_events_normalised') }}
    where event_type in ('status', 'merged')
),

statuses as (
    select * from {{ ref('int_statuses_given_roles') }}
),

subtasks as (
    select distinct
        version,
        blocker_task_phid,
        blocker_task_id,
        known_since_at
    from events
),

-- Of a sub-task that is not known here, the word of the release task on its status: open until something else
-- was told.
told_changes as (
    select
        version,
        blocker_task_phid,
        known_since_at as changed_at,
        cast(-1 as bigint) as transaction_id,
        0 as event_index,
        cast(null as varchar) as actor_phid,
        'open' as span_value
    from subtasks
    where blocker_task_id is null
    union all
    select
        events.version,
        events.blocker_task_phid,
        events.changed_at,
        events.transaction_id,
        events.event_index,
        events.actor_phid,
        case when coalesce(statuses.is_closed, false) then 'closed' else 'open' end as span_value
    from events
    left join statuses on events.new_value = statuses.status
    where events.event_type = 'subtask_status' and events.blocker_task_id is null
),
{{ spans_of('told_changes', 'version, blocker_task_phid') }},

open_spans as (
    select
        subtasks.version,
        subtasks.blocker_task_phid,
        closed_spans.started_at,
        closed_spans.ended_at
    from subtasks
    inner join closed_spans on subtasks.blocker_task_id = closed_spans.task_id
    where closed_spans.span_value = 'open'
    union all
    select
        version,
        blocker_task_phid,
        started_at,
        ended_at
    from spans
    where span_value = 'open'
),

-- Whoever did last within the second what closed it.
actors as (
    select
        subtasks.version,
        subtasks.blocker_task_phid,
        task_events.effective_at as changed_at,
        {{ first_by(
            'task_events.actor_phid', '-task_events.transaction_id, -task_events.event_index'
        ) }} as actor_phid
    from subtasks
    inner join task_events on subtasks.blocker_task_id = task_events.task_id
    group by subtasks.version, subtasks.blocker_task_phid, task_events.effective_at
    union all
    select
        version,
        blocker_task_phid,
        changed_at,
        {{ first_by('actor_phid', '-transaction_id, -event_index') }} as actor_phid
    from told_changes
    group by version, blocker_task_phid, changed_at
),

open_spans_with_actors as (
    select
        open_spans.version,
        open_spans.blocker_task_phid,
        actors.actor_phid as closed_by_phid,
        open_spans.started_at,
        open_spans.ended_at
    from open_spans
    left join actors
        on
            open_spans.version = actors.version
            and open_spans.blocker_task_phid = actors.blocker_task_phid
            and open_spans.ended_at = actors.changed_at
)

select * from open_spans_with_actors
