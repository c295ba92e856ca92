with

deployments as (
    select * from {{ ref('train_deployments') }}
),

commits as (
    select * from {{ ref('stg_wikiversions__commits') }}
),

judged_changes as (
    select * from {{ ref('int_version_changes_judged') }}
),

rollbacks as (
    select * from {{ ref('int_train_rollbacks') }}
),

train_groups as (
    select * from {{ ref('train_groups') }}
),

release_tasks as (
    select * from {{ ref('int_release_tasks_found') }}
),

installation as (
    select * from {{ ref('int_installation_given_settings') }}
),

trains_timed as (
    select
        version,
        version_sort_key,
        count(case when not is_rollback then 1 end) as roll_forwards_count,
        count(case when is_rollback then 1 end) as rollbacks_count,
        min(case when not is_rollback then deployed_at end) as started_at,
        max(case when not is_rollback then deployed_at end) as ended_at
    from deployments
    group by version, version_sort_key
),

rollbacks_timed as (
    select
        version,
        cast(sum(epoch(rolled_forward_at) - epoch(rolled_back_at)) as bigint) as rollbacks_seconds
    from rollbacks
    group by version
),

group_arrivals as (
    select
        judged_changes.version,
        train_groups.group_name,
        train_groups.expected_weekday,
        max(judged_changes.committed_at) as arrived_at
    from judged_changes
    inner join train_groups on judged_changes.wiki = train_groups.marker_wiki
    where not judged_changes.is_rollback
    group by judged_changes.version, train_groups.group_name, train_groups.expected_weekday
),

group_delays as (
    select
        group_arrivals.version,
        group_arrivals.group_name,
        group_arrivals.arrived_at,
        (
            {{ iso_weekday(in_time_zone('group_arrivals.arrived_at', 'installation.train_time_zone')) }}
            - group_arrivals.expected_weekday + 7
        ) % 7 as delay_days
    from group_arrivals
    cross join installation
),

groups_side_by_side as (
    select
        version,
        max(case when group_name = 'group0' then arrived_at end) as group0_at,
        max(case when group_name = 'group1' then arrived_at end) as group1_at,
        max(case when group_name = 'group2' then arrived_at end) as group2_at,
        max(case when group_name = 'group0' then delay_days end) as group0_delay_days,
        max(case when group_name = 'group1' then delay_days end) as group1_delay_days,
        max(case when group_name = 'group2' then delay_days end) as group2_delay_days
    from group_delays
    group by version
),

-- Who rolled it forward most often; of those who did so equally often, who began.
roll_forwards_by_person as (
    select
        deployments.version,
        commits.committer_name,
        count(*) as roll_forwards_count,
        min(deployments.commit_position) as first_position
    from deployments
    inner join commits on deployments.commit_id = commits.commit_id
    cross join installation
    where
        not deployments.is_rollback
        and not coalesce({{ is_named_among('commits.committer_name', 'installation.train_bots') }}, false)
    group by deployments.version, commits.committer_name
),

conductors as (
    select
        version,
        max_by(committer_name, roll_forwards_count * 1000000 - first_position) as conductor
    from roll_forwards_by_person
    group by version
),

trains_in_order as (
    select
        trains_timed.version,
        trains_timed.version_sort_key,
        release_tasks.task_id,
        lag(trains_timed.version) over (order by trains_timed.version_sort_key) as previous_version,
        case when installation.publish_deployers then conductors.conductor end as conductor,
        cast(trains_timed.roll_forwards_count as bigint) as roll_forwards_count,
        cast(trains_timed.rollbacks_count as bigint) as rollbacks_count,
        coalesce(rollbacks_timed.rollbacks_seconds, 0) as rollbacks_seconds,
        coalesce(rollbacks_timed.rollbacks_seconds, 0) / 3600.0 as rollbacks_hours,
        cast(epoch(trains_timed.ended_at) - epoch(trains_timed.started_at) as bigint) as total_seconds,
        {{ days_between('trains_timed.started_at', 'trains_timed.ended_at') }} as total_days,
        cast(groups_side_by_side.group0_delay_days as bigint) as group0_delay_days,
        cast(groups_side_by_side.group1_delay_days as bigint) as group1_delay_days,
        cast(groups_side_by_side.group2_delay_days as bigint) as group2_delay_days,
        groups_side_by_side.group2_at is null
        and trains_timed.version_sort_key < max(trains_timed.version_sort_key) over () as is_abandoned,
        trains_timed.started_at,
        trains_timed.ended_at,
        groups_side_by_side.group0_at,
        groups_side_by_side.group1_at,
        groups_side_by_side.group2_at
    from trains_timed
    left join rollbacks_timed on trains_timed.version = rollbacks_timed.version
    left join groups_side_by_side on trains_timed.version = groups_side_by_side.version
    left join conductors on trains_timed.version = conductors.version
    left join release_tasks on trains_timed.version = release_tasks.version and release_tasks.is_published
    cross join installation
    where trains_timed.started_at is not null
)

select * from trains_in_order
