with

documents as ({{ latest_documents('gerrit_lookups') }}
),

unpacked as (
    select
        batch,
        {{ from_document('document', '{"link": "VARCHAR", "change_numbers": "BIGINT[]"}') }} as lookup
    from documents
),

found_changes as (
    select
        unnest(lookup['change_numbers']) as change_number,
        {{ without_nul("lookup['link']") }} as link,
        batch
    from unpacked
)

select * from found_changes
