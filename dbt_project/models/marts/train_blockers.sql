with

blockers as (
    select * from {{ ref('int_train_blockers_timed') }}
),

subtask_events as (
    select * from {{ ref('int_train_subtask_events') }}
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

users as (
    select * from {{ ref('users') }}
),

group_spans as (
    select * from {{ ref('train_group_spans') }}
),

subtasks as (
    select distinct
        version,
        blocker_task_phid,
        task_id,
        blocker_task_id,
        is_published
    from subtask_events
),

-- The group that a version has reached is the highest one that runs it.
groups_when_found as (
    select
        blockers.version,
        blockers.blocker_task_phid,
        blockers.blocked_at,
        {{ first_by('group_spans.group_name', '-group_spans.group_position') }} as group_name
    from blockers
    inner join group_spans
        on
            blockers.version = group_spans.version
            and blockers.blocked_at >= group_spans.started_at
            and blockers.blocked_at < coalesce(group_spans.ended_at, timestamp '9999-12-31')
    group by blockers.version, blockers.blocker_task_phid, blockers.blocked_at
),

blockers_described as (
    select
        blockers.version,
        {{ version_sort_key('blockers.version') }} as version_sort_key,
        subtasks.task_id,
        subtasks.blocker_task_id,
        blockers.blocker_task_phid,
        blockers.blocked_by_phid,
        blockers.unblocked_by_phid,
        tasks.title as blocker_title,
        tasks.status as blocker_status,
        blocking_users.username as blocked_by,
        unblocking_users.username as unblocked_by,
        blockers.unblocked_how,
        groups_when_found.group_name,
        cast(blockers.reopened_count as bigint) as reopened_count,
        cast(row_number() over (
            partition by blockers.version, blockers.blocker_task_phid order by blockers.blocked_at
        ) as bigint) as addition_number,
        cast(blockers.blocking_seconds as bigint) as blocking_seconds,
        blockers.blocking_seconds / 3600.0 as blocking_hours,
        subtasks.is_published,
        blockers.blocked_at,
        blockers.unblocked_at
    from blockers
    inner join subtasks
        on
            blockers.version = subtasks.version
            and blockers.blocker_task_phid = subtasks.blocker_task_phid
    left join groups_when_found
        on
            blockers.version = groups_when_found.version
            and blockers.blocker_task_phid = groups_when_found.blocker_task_phid
            and blockers.blocked_at = groups_when_found.blocked_at
    left join tasks on subtasks.blocker_task_id = tasks.task_id
    left join users as blocking_users
        on blockers.blocked_by_phid = blocking_users.user_phid and blocking_users.is_published
    left join users as unblocking_users
        on blockers.unblocked_by_phid = unblocking_users.user_phid and unblocking_users.is_published
)

select * from blockers_described
