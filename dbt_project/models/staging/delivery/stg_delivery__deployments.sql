with

documents as ({{ present_documents('delivery', 'deployments') }}
),

unpacked as (
    select
        {{ from_document('document', '{
            "origin": "VARCHAR",
            "pipeline": "VARCHAR",
            "environment": "VARCHAR",
            "deployment_id": "VARCHAR",
            "version": "VARCHAR",
            "deployed_at": "BIGINT",
            "outcome": "VARCHAR",
            "is_unplanned": "BOOLEAN",
            "repairs": "VARCHAR",
            "recovered_at": "BIGINT",
            "deployed_by": "VARCHAR",
            "commits": "JSON"
        }') }} as deployment
    from documents
),

renamed as (
    select
        deployment['pipeline'] as pipeline,
        deployment['environment'] as environment,
        deployment['deployment_id'] as deployment_id,
        deployment['repairs'] as repaired_deployment_id,

        deployment['origin'] as origin,
        deployment['version'] as version,
        deployment['outcome'] as outcome,
        deployment['deployed_by'] as deployed_by,

        deployment['is_unplanned'] as is_unplanned,
        deployment['commits'] is not null as has_known_changes,

        {{ epoch_to_timestamp("deployment['deployed_at']") }} as deployed_at,
        {{ epoch_to_timestamp("deployment['recovered_at']") }} as recovered_at
    from unpacked
    where deployment['deployment_id'] is not null and deployment['deployed_at'] is not null
)

select * from renamed
