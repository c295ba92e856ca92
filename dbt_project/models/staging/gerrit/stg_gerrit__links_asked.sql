with

documents as ({{ latest_documents('gerrit_lookups') }}
),

unpacked as (
    select {{ from_document('document', '{"link": "VARCHAR", "change_numbers": "BIGINT[]"}') }} as lookup
    from documents
),

links_asked as (
    select
        {{ without_nul("lookup['link']") }} as link,
        len(lookup['change_numbers']) > 0 as is_found
    from unpacked
)

select * from links_asked
