with

documents as ({{ present_documents('delivery', 'deployments') }}
),

unpacked as (
    select
        {{ from_document('document', '{
            "pipeline": "VARCHAR",
            "environment": "VARCHAR",
            "deployment_id": "VARCHAR",
            "commits": [{"id": "VARCHAR", "change": "VARCHAR", "authored_at": "BIGINT", "committed_at": "BIGINT"}]
        }') }} as deployment
    from documents
),

deployed_commits as (
    select
        deployment['pipeline'] as pipeline,
        deployment['environment'] as environment,
        deployment['deployment_id'] as deployment_id,
        unnest(deployment['commits']) as deployed_commit
    from unpacked
),

renamed as (
    select
        pipeline,
        environment,
        deployment_id,
        coalesce(deployed_commit['change'], deployed_commit['id']) as change_id,
        deployed_commit['id'] as commit_id,

        {{ epoch_to_timestamp("deployed_commit['authored_at']") }} as authored_at,
        {{ epoch_to_timestamp("deployed_commit['committed_at']") }} as committed_at
    from deployed_commits
)

select * from renamed
