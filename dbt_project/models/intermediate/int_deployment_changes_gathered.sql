with

changes as (
    select * from {{ ref('stg_delivery__deployment_changes') }}
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
    from changes
    group by pipeline, environment, deployment_id, change_id
)

select * from gathered
