with

periods as (
    select * from {{ ref('int_train_periods_spined') }}
),

train_blockers as (
    select * from {{ ref('train_blockers') }}
    where is_published
),

train_groups as (
    select * from {{ ref('train_groups') }}
),

trains as (
    select * from {{ ref('trains') }}
),

groups_when_found as (
    select group_name from train_groups
    union all
    select 'none' as group_name
    union all
    select 'all' as group_name
),

-- A blocker that was removed and added again is one: found when it was first added, ended as it ended last.
blockers as (
    select
        version,
        blocker_task_phid,
        {{ first_by("coalesce(group_name, 'none')", 'addition_number') }} as group_name,
        {{ first_by("coalesce(unblocked_how, 'blocking')", '-addition_number') }} as unblocked_how,
        sum(blocking_seconds) as blocking_seconds
    from train_blockers
    group by version, blocker_task_phid
),

blockers_in_groups as (
    select
        periods.period,
        periods.period_started_date,
        periods.version,
        groups_when_found.group_name,
        count(distinct trains.version) as trains_count,
        count(blockers.blocker_task_phid) as blockers_count,
        count(case when blockers.unblocked_how = 'resolved' then 1 end) as resolved_blockers_count,
        count(case when blockers.unblocked_how = 'removed' then 1 end) as removed_blockers_count,
        count(case when blockers.unblocked_how = 'blocking' then 1 end) as blocking_blockers_count,
        count(distinct blockers.version) as blocked_trains_count,
        coalesce(sum(blockers.blocking_seconds), 0) as blocking_seconds
    from periods
    cross join groups_when_found
    left join trains on periods.train_version = trains.version
    left join blockers
        on
            trains.version = blockers.version
            and groups_when_found.group_name in ('all', blockers.group_name)
    group by periods.period, periods.period_started_date, periods.version, groups_when_found.group_name
),

typed as (
    select
        version,
        group_name,
        period,
        period_started_date,
        cast(trains_count as bigint) as trains_count,
        cast(blocked_trains_count as bigint) as blocked_trains_count,
        cast(blockers_count as bigint) as blockers_count,
        cast(resolved_blockers_count as bigint) as resolved_blockers_count,
        cast(removed_blockers_count as bigint) as removed_blockers_count,
        cast(blocking_blockers_count as bigint) as blocking_blockers_count,
        cast(blockers_count * 1.0 / nullif(trains_count, 0) as double) as blockers_per_train_mean_count,
        cast(blocking_seconds as double) / 3600 as blocking_hours
    from blockers_in_groups
)

select * from typed
