with

deployments as (
    select * from {{ ref('stg_delivery__deployments') }}
),

trains as (
    select * from {{ ref('trains') }}
),

trains_judged as (
    select * from {{ ref('int_trains_judged') }}
),

train_rollbacks as (
    select * from {{ ref('int_train_rollbacks') }}
),

patches as (
    select * from {{ ref('patches') }}
),

installation as (
    select * from {{ ref('int_installation_given_settings') }}
),

-- Where repairs are told at all, a deployment of which nothing is said was planned.
telling_places as (
    select distinct
        pipeline,
        environment
    from deployments
    where is_unplanned is not null or repaired_deployment_id is not null
),

told_deployments as (
    select
        deployments.pipeline,
        deployments.environment,
        deployments.deployment_id,
        deployments.repaired_deployment_id,
        deployments.version,
        deployments.outcome,
        case when installation.publish_deployers then deployments.deployed_by end as deployed_by,
        cast(null as boolean) as has_failed,
        case
            when deployments.is_unplanned is not null then deployments.is_unplanned
            when deployments.repaired_deployment_id is not null then true
            when telling_places.pipeline is not null then false
        end as is_unplanned,
        deployments.has_known_changes,
        deployments.deployed_at,
        cast(null as timestamp) as failed_at,
        deployments.recovered_at
    from deployments
    left join telling_places
        on
            deployments.pipeline = telling_places.pipeline
            and deployments.environment = telling_places.environment
    cross join installation
),

first_rollbacks as (
    select
        version,
        min(rolled_back_at) as rolled_back_at,
        {{ first_by('rolled_forward_at', 'rolled_back_at') }} as rolled_forward_at
    from train_rollbacks
    group by version
),

trains_with_patches as (
    select distinct version
    from patches
    where not is_backport
),

-- A train is one deployment. It says itself whether it failed, and never whether it was planned. What failed
-- by a blocker alone was never taken back, so that nothing says when it was over.
train_deployments as (
    select
        'train' as pipeline,
        'production' as environment,
        trains.version as deployment_id,
        cast(null as varchar) as repaired_deployment_id,
        trains.version,
        cast(null as varchar) as outcome,
        trains.conductor as deployed_by,
        trains_judged.has_trouble as has_failed,
        cast(null as boolean) as is_unplanned,
        trains_with_patches.version is not null as has_known_changes,
        trains.started_at as deployed_at,
        coalesce(first_rollbacks.rolled_back_at, trains_judged.first_late_blocked_at) as failed_at,
        first_rollbacks.rolled_forward_at as recovered_at
    from trains
    inner join trains_judged on trains.version = trains_judged.version
    left join first_rollbacks on trains.version = first_rollbacks.version
    left join trains_with_patches on trains.version = trains_with_patches.version
),

-- Of a file that has trains, too, those count that no repository tells of.
other_deployments as (
    select told_deployments.*
    from told_deployments
    left join train_deployments
        on
            told_deployments.pipeline = train_deployments.pipeline
            and told_deployments.environment = train_deployments.environment
            and told_deployments.deployment_id = train_deployments.deployment_id
    where train_deployments.deployment_id is null
),

gathered as (
    select * from other_deployments
    union all
    select * from train_deployments
)

select * from gathered
