with

documents as ({{ present_documents('gerrit', 'recorded_patches') }}
),

unpacked as (
    select
        key,
        batch,
        {{ from_document('document', '{
            "version": "VARCHAR",
            "link": "VARCHAR",
            "created": "TIMESTAMP",
            "submitted": "TIMESTAMP",
            "insertions": "BIGINT",
            "deletions": "BIGINT",
            "total_comment_count": "BIGINT"
        }') }} as patch
    from documents
),

renamed as (
    select
        key as patch_key,

        {{ canonical_version("patch['version']") }} as version,
        {{ without_nul("patch['link']") }} as link,

        patch['insertions'] as insertions_count,
        patch['deletions'] as deletions_count,
        patch['total_comment_count'] as comments_count,
        batch,

        patch['created'] as created_at,
        patch['submitted'] as submitted_at
    from unpacked
)

select * from renamed
