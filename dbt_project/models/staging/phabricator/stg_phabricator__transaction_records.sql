{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_new_document('transaction_id', ['phabricator_transaction_records'])) }}"
) }}
with

documents as ({{ latest_documents('phabricator_transaction_records') }}
),

unpacked as (
    select
        batch,
        {{ unpacked_document('document', '{
            "id": "BIGINT",
            "type": "VARCHAR",
            "authorPHID": "VARCHAR",
            "objectPHID": "VARCHAR",
            "groupID": "VARCHAR",
            "dateCreated": "BIGINT",
            "fields": "MAP(VARCHAR, JSON)"
        }') }} as body
    from documents
),

-- What was added and removed is a list of operations for edges and subscribers; a custom field's values
-- are under its key; everything else has them under `old` and `new`.
unfolded as (
    select
        batch,
        body,
        {{ from_document("body['fields']['operations']", '[{
            "operation": "VARCHAR",
            "phid": "VARCHAR"
        }]') }} as operations,
        case
            when body['type'] = 'core:customfield' then map_keys(body['fields'])[1]
        end as custom_field
    from unpacked
),

-- In the words of gettasktransactions, so that one model understands both. A type that the server does not
-- tell is 'untyped'.
renamed as (
    select
        body['id'] as transaction_id,
        body['objectPHID'] as task_phid,
        body['authorPHID'] as author_phid,

        case coalesce(body['type'], 'untyped')
            when 'create' then 'core:create'
            when 'comment' then 'core:comment'
            when 'owner' then 'reassign'
            when 'subscribers' then 'core:subscribers'
            when 'projects' then 'core:edge'
            when 'dependsOn' then 'core:edge'
            when 'dependedOnBy' then 'core:edge'
            else coalesce(body['type'], 'untyped')
        end as raw_type,
        custom_field,
        body['groupID'] as edit_group,
        -- Texts of descriptions and comments end here, as they do in stg_phabricator__transactions.
        case
            when operations is not null
                then {{ phids_of_operations('operations', 'remove') }}
            when body['type'] = 'priority'
                then coalesce(body['fields']['old'] -> '$.value', body['fields']['old'])
            when body['type'] = 'core:customfield' then body['fields'][custom_field] -> '$.old'
            when body['type'] not in ('description', 'comment') then body['fields']['old']
        end as old_value,
        case
            when operations is not null
                then {{ phids_of_operations('operations', 'add') }}
            when body['type'] = 'priority'
                then coalesce(body['fields']['new'] -> '$.value', body['fields']['new'])
            when body['type'] = 'core:customfield' then body['fields'][custom_field] -> '$.new'
            when body['type'] not in ('description', 'comment') then body['fields']['new']
        end as new_value,

        case body['type']
            when 'projects' then 41
            when 'dependsOn' then 3
            when 'dependedOnBy' then 4
        end as edge_type,
        batch,

        {{ epoch_to_timestamp("body['dateCreated']") }} as occurred_at
    from unfolded
),

readable as (
    select * from renamed
    where
        transaction_id is not null
        and task_phid is not null
        and occurred_at is not null
)

select * from readable
