with

documents as ({{ latest_documents('phabricator_columns') }}
),

unpacked as (
    select
        batch,
        {{ unpacked_document('document', '{
            "id": "BIGINT",
            "phid": "VARCHAR",
            "fields": {
                "name": "VARCHAR",
                "proxyPHID": "VARCHAR",
                "project": {"phid": "VARCHAR"},
                "isHidden": "BOOLEAN",
                "isDefaultColumn": "BOOLEAN",
                "sequence": "INTEGER",
                "status": "VARCHAR",
                "dateCreated": "BIGINT",
                "dateModified": "BIGINT"
            }
        }') }} as board_column
    from documents
),

renamed as (
    select
        board_column['id'] as column_id,
        board_column['phid'] as column_phid,
        board_column['fields']['project']['phid'] as project_phid,
        board_column['fields']['proxyPHID'] as proxy_project_phid,

        {{ without_nul("board_column['fields']['name']") }} as column_name,

        board_column['fields']['sequence'] as sequence,
        batch,

        -- Older servers say `status`: "1" for a hidden column.
        coalesce(
            board_column['fields']['isHidden'], board_column['fields']['status'] = '1', false
        ) as is_hidden,
        coalesce(board_column['fields']['isDefaultColumn'], false) as is_default,

        {{ epoch_to_timestamp("board_column['fields']['dateCreated']") }} as created_at,
        {{ epoch_to_timestamp("board_column['fields']['dateModified']") }} as modified_at
    from unpacked
),

readable as (
    select * from renamed
    where column_phid is not null and project_phid is not null
)

select * from readable
