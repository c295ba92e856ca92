with

subtask_spans as (
    select * from {{ ref('int_train_subtask_spans') }}
),

open_spans as (
    select * from {{ ref('int_train_subtask_open_spans') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

-- A task blocks while it is a sub-task of the release task and open.
blocking_spans as (
    select
        subtask_spans.version,
        subtask_spans.blocker_task_phid,
        subtask_spans.started_at as blocked_at,
        subtask_spans.ended_at as removed_at,
        open_spans.closed_by_phid,
        open_spans.ended_at as closed_at,
        greatest(subtask_spans.started_at, open_spans.started_at) as started_at,
        {{ earlier_end('subtask_spans.ended_at', 'open_spans.ended_at') }} as ended_at,
        row_number() over (
            partition by subtask_spans.version, subtask_spans.blocker_task_phid, subtask_spans.started_at
            order by open_spans.started_at desc
        ) as place_from_last
    from subtask_spans
    inner join open_spans
        on
            subtask_spans.version = open_spans.version
            and subtask_spans.blocker_task_phid = open_spans.blocker_task_phid
            and {{ overlap('subtask_spans', 'open_spans') }}
),

blocking_times as (
    select
        blocking_spans.version,
        blocking_spans.blocker_task_phid,
        blocking_spans.blocked_at,
        count(*) - 1 as reopened_count,
        sum(
            epoch(greatest(coalesce(blocking_spans.ended_at, extraction.as_of), blocking_spans.started_at))
            - epoch(blocking_spans.started_at)
        ) as blocking_seconds
    from blocking_spans
    cross join extraction
    group by blocking_spans.version, blocking_spans.blocker_task_phid, blocking_spans.blocked_at
),

-- The last closing before it was added, of those that were closed already and never blocked.
earlier_closings as (
    select
        subtask_spans.version,
        subtask_spans.blocker_task_phid,
        subtask_spans.started_at as blocked_at,
        {{ first_by('open_spans.closed_by_phid', '-epoch(open_spans.ended_at)') }} as closed_by_phid
    from subtask_spans
    inner join open_spans
        on
            subtask_spans.version = open_spans.version
            and subtask_spans.blocker_task_phid = open_spans.blocker_task_phid
            and subtask_spans.started_at >= open_spans.ended_at
    group by subtask_spans.version, subtask_spans.blocker_task_phid, subtask_spans.started_at
),

blockers as (
    select
        subtask_spans.version,
        subtask_spans.blocker_task_phid,
        subtask_spans.added_by_phid as blocked_by_phid,
        case
            when blocking_spans.blocked_at is null then earlier_closings.closed_by_phid
            when blocking_spans.ended_at = blocking_spans.closed_at then blocking_spans.closed_by_phid
            else subtask_spans.removed_by_phid
        end as unblocked_by_phid,
        case
            when blocking_spans.blocked_at is null then 'resolved'
            when blocking_spans.ended_at = blocking_spans.closed_at then 'resolved'
            when blocking_spans.ended_at is not null then 'removed'
        end as unblocked_how,
        coalesce(blocking_times.reopened_count, 0) as reopened_count,
        coalesce(blocking_times.blocking_seconds, 0) as blocking_seconds,
        subtask_spans.started_at as blocked_at,
        case
            when blocking_spans.blocked_at is null then subtask_spans.started_at
            else blocking_spans.ended_at
        end as unblocked_at
    from subtask_spans
    left join blocking_spans
        on
            subtask_spans.version = blocking_spans.version
            and subtask_spans.blocker_task_phid = blocking_spans.blocker_task_phid
            and subtask_spans.started_at = blocking_spans.blocked_at
            and blocking_spans.place_from_last = 1
    left join blocking_times
        on
            subtask_spans.version = blocking_times.version
            and subtask_spans.blocker_task_phid = blocking_times.blocker_task_phid
            and subtask_spans.started_at = blocking_times.blocked_at
    left join earlier_closings
        on
            subtask_spans.version = earlier_closings.version
            and subtask_spans.blocker_task_phid = earlier_closings.blocker_task_phid
            and subtask_spans.started_at = earlier_closings.blocked_at
)

select * from blockers
