with

events as (
    select * from {{ ref('int_train_subtask_events') }}
),

-- A task that was created as a sub-task may have no edge: what is first heard of it is that it was closed or
-- taken away, so that it was there since both tasks were.
changes as (
    select
        version,
        blocker_task_phid,
        known_since_at as changed_at,
        cast(-1 as bigint) as transaction_id,
        0 as event_index,
        blocker_author_phid as actor_phid,
        'subtask' as span_value
    from events
    where event_number = 1 and (event_type = 'subtask_status' or new_value is null)
    union all
    select
        version,
        blocker_task_phid,
        changed_at,
        transaction_id,
        event_index,
        actor_phid,
        case when new_value is not null then 'subtask' end as span_value
    from events
    where event_type = 'subtask'
),
{{ spans_of('changes', 'version, blocker_task_phid') }},

-- Both tasks may tell of one change, in the same second.
actors as (
    select
        version,
        blocker_task_phid,
        changed_at,
        span_value is not null as is_added,
        {{ first_by('actor_phid', 'transaction_id, event_index') }} as actor_phid
    from changes
    group by version, blocker_task_phid, changed_at, is_added
),

spans_with_actors as (
    select
        spans.version,
        spans.blocker_task_phid,
        adding_actors.actor_phid as added_by_phid,
        removing_actors.actor_phid as removed_by_phid,
        spans.started_at,
        spans.ended_at
    from spans
    left join actors as adding_actors
        on
            spans.version = adding_actors.version
            and spans.blocker_task_phid = adding_actors.blocker_task_phid
            and spans.started_at = adding_actors.changed_at
            and adding_actors.is_added
    left join actors as removing_actors
        on
            spans.version = removing_actors.version
            and spans.blocker_task_phid = removing_actors.blocker_task_phid
            and spans.ended_at = removing_actors.changed_at
            and not removing_actors.is_added
)

select * from spans_with_actors
