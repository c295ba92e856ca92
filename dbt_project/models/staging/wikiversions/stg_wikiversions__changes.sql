with

documents as ({{ present_documents('wikiversions', 'commits') }}
),

unpacked as (
    select
        {{ from_document('document', '{
            "commit": "VARCHAR",
            "position": "BIGINT",
            "committed_at": "BIGINT",
            "changes": [{"old": "VARCHAR", "new": "VARCHAR", "wikis": ["VARCHAR"]}]
        }') }} as change
    from documents
),

changes_of_versions as (
    select
        change['commit'] as commit_id,
        change['position'] as commit_position,
        change['committed_at'] as committed_epoch,
        unnest(change['changes']) as version_change
    from unpacked
),

changes_of_wikis as (
    select
        *,
        unnest(version_change['wikis']) as wiki
    from changes_of_versions
),

renamed as (
    select
        commit_id,

        wiki,
        {{ canonical_version("version_change['old']") }} as old_version,
        {{ canonical_version("version_change['new']") }} as new_version,

        commit_position,

        {{ epoch_to_timestamp("committed_epoch") }} as committed_at
    from changes_of_wikis
)

select * from renamed
