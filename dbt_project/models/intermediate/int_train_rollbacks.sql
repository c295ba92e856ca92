with

deployments as (
    select * from {{ ref('train_deployments') }}
),

-- The order of the branch decides, for two commits may carry the same second.
deployments_placed as (
    select
        version,
        deployment_id,
        commit_position,
        is_rollback,
        deployed_at,
        lag(is_rollback) over (partition by version order by commit_position, is_rollback) as was_rollback,
        min(case when not is_rollback then commit_position end) over (
            partition by version order by commit_position, is_rollback
            rows between 1 following and unbounded following
        ) as next_roll_forward_position
    from deployments
),

-- Rollbacks that follow each other are one time without the version: it begins with the first.
first_rollbacks as (
    select * from deployments_placed
    where is_rollback and not coalesce(was_rollback, false)
),

roll_forwards as (
    select * from deployments_placed
    where not is_rollback
),

rollbacks_with_recovery as (
    select
        first_rollbacks.version,
        first_rollbacks.deployment_id,
        first_rollbacks.deployed_at as rolled_back_at,
        roll_forwards.deployed_at as rolled_forward_at
    from first_rollbacks
    left join roll_forwards
        on
            first_rollbacks.version = roll_forwards.version
            and first_rollbacks.next_roll_forward_position = roll_forwards.commit_position
)

select * from rollbacks_with_recovery
