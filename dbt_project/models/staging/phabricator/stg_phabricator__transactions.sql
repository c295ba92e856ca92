with

documents as ({{ latest_documents('phabricator_transactions') }}
),

unpacked as (
    select
        batch,
        {{ from_document('document', '{
            "taskID": "BIGINT",
            "transactionID": "BIGINT",
            "transactionType": "VARCHAR",
            "oldValue": "JSON",
            "newValue": "JSON",
            "meta": {
                "core.create": "BOOLEAN",
                "core.groupID": "VARCHAR",
                "customfield:key": "VARCHAR",
                "edge:type": "INTEGER"
            },
            "authorPHID": "VARCHAR",
            "dateCreated": "BIGINT"
        }') }} as body
    from documents
),

renamed as (
    select
        body['transactionID'] as transaction_id,
        body['taskID'] as task_id,
        body['authorPHID'] as author_phid,

        body['transactionType'] as raw_type,
        body['meta']['customfield:key'] as custom_field,
        body['meta']['core.groupID'] as edit_group,
        -- Texts of descriptions end here: no model needs them, and none may publish them.
        case
            when body['transactionType'] not in ('description', 'core:comment') then body['oldValue']
        end as old_value,
        case
            when body['transactionType'] not in ('description', 'core:comment') then body['newValue']
        end as new_value,

        body['meta']['edge:type'] as edge_type,
        batch,

        coalesce(body['meta']['core.create'], false) as is_creation,

        {{ epoch_to_timestamp("body['dateCreated']") }} as occurred_at
    from unpacked
),

readable as (
    select * from renamed
    where
        transaction_id is not null
        and task_id is not null
        and raw_type is not null
        and occurred_at is not null
)

select * from readable
