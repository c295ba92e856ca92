with

deployments as (
    select * from {{ ref('int_deployments_gathered') }}
),

changes as (
    select * from {{ ref('int_deployment_changes_gathered') }}
),

deployed_changes as (
    select
        changes.pipeline,
        changes.environment,
        changes.deployment_id,
        changes.change_id,
        changes.commit_id,
        case
            when changes.committed_at <= deployments.deployed_at
                then {{ days_between('changes.committed_at', 'deployments.deployed_at') }}
        end as committed_to_deployed_days,
        row_number() over (
            partition by changes.pipeline, changes.environment, changes.change_id
            order by deployments.deployed_at, deployments.deployment_id
        ) = 1 as is_first_deployment,
        changes.committed_at,
        deployments.deployed_at
    from changes
    inner join deployments
        on
            changes.pipeline = deployments.pipeline
            and changes.environment = deployments.environment
            and changes.deployment_id = deployments.deployment_id
)

select * from deployed_changes
