with

deployments as (
    select * from {{ ref('stg_delivery__deployments') }}
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
        deployments.deployed_by,
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
)

select * from told_deployments
