with

documents as ({{ latest_documents('gerrit_changes') }}
),

unpacked as (
    select
        batch,
        json_extract_string(document, '$.revisions.*.commit.message')[1] as commit_message,
        {{ from_document('document', '{
            "_number": "BIGINT",
            "project": "VARCHAR",
            "branch": "VARCHAR",
            "change_id": "VARCHAR",
            "subject": "VARCHAR",
            "status": "VARCHAR",
            "owner": {"_account_id": "BIGINT", "name": "VARCHAR"},
            "insertions": "BIGINT",
            "deletions": "BIGINT",
            "total_comment_count": "BIGINT",
            "created": "TIMESTAMP",
            "submitted": "TIMESTAMP",
            "updated": "TIMESTAMP"
        }') }} as change
    from documents
),

renamed as (
    select
        change['_number'] as change_number,
        change['owner']['_account_id'] as owner_account_id,

        change['change_id'] as change_id,
        change['project'] as project,
        change['branch'] as branch,
        case
            when starts_with(change['branch'], 'wmf/') then {{ canonical_version("change['branch'][5:]") }}
        end as train_version,
        {{ without_nul("change['subject']") }} as subject,
        change['status'] as change_status,
        {{ without_nul("change['owner']['name']") }} as owner_name,
        {{ without_nul("commit_message") }} as commit_message,

        change['insertions'] as insertions_count,
        change['deletions'] as deletions_count,
        change['total_comment_count'] as comments_count,
        batch,

        change['created'] as created_at,
        change['submitted'] as submitted_at,
        change['updated'] as updated_at
    from unpacked
)

select * from renamed
