with

documents as ({{ present_documents('wikiversions', 'commits') }}
),

unpacked as (
    select
        batch,
        {{ from_document('document', '{
            "commit": "VARCHAR",
            "position": "BIGINT",
            "authored_at": "BIGINT",
            "committed_at": "BIGINT",
            "author": "VARCHAR",
            "committer": "VARCHAR",
            "subject": "VARCHAR",
            "wikis_count": "BIGINT"
        }') }} as change
    from documents
),

renamed as (
    select
        change['commit'] as commit_id,

        {{ without_nul("change['author']") }} as author_name,
        {{ without_nul("change['committer']") }} as committer_name,
        {{ without_nul("change['subject']") }} as subject,

        change['position'] as commit_position,
        change['wikis_count'] as wikis_count,
        batch,

        {{ epoch_to_timestamp("change['authored_at']") }} as authored_at,
        {{ epoch_to_timestamp("change['committed_at']") }} as committed_at
    from unpacked
)

select * from renamed
