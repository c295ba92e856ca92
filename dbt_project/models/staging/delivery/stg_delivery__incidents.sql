with

documents as ({{ latest_documents('delivery_incidents') }}
),

visibility_changes as (
    select * from {{ source('raw', 'visibility_changes') }}
    where source = 'delivery' and stream = 'incidents'
),

gone as ({{ gone_keys('visibility_changes') }}
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
    where key not in (select gone.key from gone)
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
