with

trains as (
    select * from {{ ref('trains') }}
),

train_blockers as (
    select * from {{ ref('train_blockers') }}
    where is_published
),

group_spans as (
    select * from {{ ref('train_group_spans') }}
),

-- Since when a version was beyond the test wikis, which have no weekday: on group 0 or, where a train left
-- that group out, on a later one.
reached_groups as (
    select
        version,
        min(started_at) as reached_at
    from group_spans
    where expected_weekday is not null
    group by version
),

-- A blocker that was removed and added again is one; it was raised when it was first added.
blockers_raised as (
    select
        version,
        blocker_task_phid,
        min(blocked_at) as blocked_at
    from train_blockers
    group by version, blocker_task_phid
),

blockers_counted as (
    select
        blockers_raised.version,
        count(*) as blockers_count,
        count(
            case when blockers_raised.blocked_at >= reached_groups.reached_at then 1 end
        ) as late_blockers_count,
        min(
            case
                when blockers_raised.blocked_at >= reached_groups.reached_at then blockers_raised.blocked_at
            end
        ) as first_late_blocked_at
    from blockers_raised
    left join reached_groups on blockers_raised.version = reached_groups.version
    group by blockers_raised.version
),

judged as (
    select
        trains.version,
        cast(coalesce(blockers_counted.blockers_count, 0) as bigint) as blockers_count,
        cast(coalesce(blockers_counted.late_blockers_count, 0) as bigint) as late_blockers_count,
        cast(trains.rollbacks_count as bigint) as rollbacks_count,
        trains.rollbacks_count > 0 as is_rolled_back,
        coalesce(blockers_counted.late_blockers_count, 0) > 0 as has_late_blocker,
        trains.rollbacks_count > 0 or coalesce(blockers_counted.late_blockers_count, 0) > 0 as has_trouble,
        trains.started_at,
        blockers_counted.first_late_blocked_at
    from trains
    left join blockers_counted on trains.version = blockers_counted.version
)

select * from judged
