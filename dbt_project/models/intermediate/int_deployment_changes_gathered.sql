with

changes as (
    select * from {{ ref('stg_delivery__deployment_changes') }}
),

patches as (
    select * from {{ ref('patches') }}
),

-- What was put on a train's branch later did not start with it.
train_changes as (
    select
        'train' as pipeline,
        'production' as environment,
        version as deployment_id,
        change_id,
        cast(null as varchar) as commit_id,
        created_at as authored_at,
        submitted_at as committed_at
    from patches
    where not is_backport
),

all_changes as (
    select * from changes
    union all
    select * from train_changes
),

-- A commit that is listed twice, and copies of one change in the same deployment, are one change.
gathered as (
    select
        pipeline,
        environment,
        deployment_id,
        change_id,
        min(commit_id) as commit_id,
        min(least(authored_at, committed_at)) as committed_at
    from all_changes
    group by pipeline, environment, deployment_id, change_id
)

select * from gathered
