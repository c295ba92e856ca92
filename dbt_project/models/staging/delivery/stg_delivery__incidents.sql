with

documents as ({{ present_documents('delivery', 'incidents') }}
),

unpacked as (
    select
        {{ from_document('document', '{
            "incident_id": "VARCHAR",
            "pipeline": "VARCHAR",
            "environment": "VARCHAR",
            "deployment_id": "VARCHAR",
            "started_at": "BIGINT",
            "resolved_at": "BIGINT"
        }') }} as incident
    from documents
),

renamed as (
    select
        incident['incident_id'] as incident_id,
        incident['pipeline'] as pipeline,
        incident['environment'] as environment,
        incident['deployment_id'] as stated_deployment_id,

        {{ epoch_to_timestamp("incident['started_at']") }} as started_at,
        {{ epoch_to_timestamp("incident['resolved_at']") }} as resolved_at
    from unpacked
    where incident['incident_id'] is not null and incident['started_at'] is not null
)

select * from renamed
