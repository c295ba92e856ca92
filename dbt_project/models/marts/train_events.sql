with

trains as (
    select * from {{ ref('trains') }}
),

deployments as (
    select * from {{ ref('train_deployments') }}
),

blockers as (
    select * from {{ ref('train_blockers') }}
),

patches as (
    select * from {{ ref('patches') }}
    where is_backport
),

events as (
    select
        deployment_id as event_id,
        version,
        case when is_rollback then 'rolled back' else 'promoted' end as event_type,
        group_name,
        deployed_by as person_name,
        subject as detail,
        cast(null as varchar) as link,
        cast(null as bigint) as task_id,
        wikis_count,
        true as is_published,
        deployed_at as occurred_at
    from deployments
    union all
    select
        version || ':' || blocker_task_phid || ':' || addition_number || ':added' as event_id,
        version,
        case when addition_number > 1 then 'blocker added again' else 'blocker added' end as event_type,
        group_name,
        blocked_by as person_name,
        blocker_title as detail,
        cast(null as varchar) as link,
        blocker_task_id as task_id,
        cast(null as bigint) as wikis_count,
        is_published,
        blocked_at as occurred_at
    from blockers
    union all
    select
        version || ':' || blocker_task_phid || ':' || addition_number || ':ended' as event_id,
        version,
        'blocker ' || unblocked_how as event_type,
        group_name,
        unblocked_by as person_name,
        blocker_title as detail,
        cast(null as varchar) as link,
        blocker_task_id as task_id,
        cast(null as bigint) as wikis_count,
        is_published,
        unblocked_at as occurred_at
    from blockers
    where unblocked_at is not null
    union all
    select
        version || ':' || patch_id as event_id,
        version,
        'backport merged' as event_type,
        cast(null as varchar) as group_name,
        owner_name as person_name,
        project as detail,
        link,
        cast(null as bigint) as task_id,
        cast(null as bigint) as wikis_count,
        true as is_published,
        submitted_at as occurred_at
    from patches
    where submitted_at is not null
),

events_of_trains as (
    select
        events.event_id,
        events.version,
        events.event_type,
        events.group_name,
        events.person_name,
        events.detail,
        events.link,
        events.task_id,
        events.wikis_count,
        {{ days_between('trains.started_at', 'events.occurred_at') }} * 24 as train_started_to_occurred_hours,
        events.is_published,
        events.occurred_at
    from events
    inner join trains on events.version = trains.version
)

select * from events_of_trains
