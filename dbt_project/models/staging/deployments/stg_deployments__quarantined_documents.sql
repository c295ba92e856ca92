with

quarantined_documents as (
    select
        source,
        stream,
        key as document_key,
        reason,
        quarantined_at
    from {{ source('raw', 'quarantine') }}
    where source != 'phabricator' and resolved_at is null
)

select * from quarantined_documents
