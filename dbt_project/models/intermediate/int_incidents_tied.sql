with

deployments as (
    select * from {{ ref('int_deployments_gathered') }}
),

incidents as (
    select * from {{ ref('stg_delivery__incidents') }}
),

stated as (
    select
        incidents.incident_id,
        deployments.deployment_id,
        'stated' as tied_by
    from incidents
    inner join deployments
        on
            incidents.pipeline = deployments.pipeline
            and incidents.environment = deployments.environment
            and incidents.stated_deployment_id = deployments.deployment_id
),

-- Whatever period is looked at, an incident belongs to the same deployment: the last one before it,
-- however long ago.
earlier as (
    select
        incidents.incident_id,
        deployments.deployment_id,
        row_number() over (
            partition by incidents.incident_id
            order by deployments.deployed_at desc, deployments.deployment_id desc
        ) as place
    from incidents
    inner join deployments
        on
            incidents.pipeline = deployments.pipeline
            and incidents.environment = deployments.environment
            and incidents.started_at >= deployments.deployed_at
    where incidents.stated_deployment_id is null
),

ties as (
    select * from stated
    union all
    select
        incident_id,
        deployment_id,
        'time' as tied_by
    from earlier
    where place = 1
),

tied as (
    select
        incidents.incident_id,
        incidents.pipeline,
        incidents.environment,
        ties.deployment_id,
        ties.tied_by,
        incidents.started_at,
        incidents.resolved_at
    from incidents
    left join ties on incidents.incident_id = ties.incident_id
)

select * from tied
