{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_new_transaction()) }}"
) }}
with

records as (
    select * from {{ ref('stg_phabricator__transaction_records') }}
),

tasks as (
    select * from {{ ref('stg_phabricator__tasks') }}
),

documents as ({{ latest_documents('phabricator_transactions', ['phabricator_transaction_records']) }}
),

unpacked as (
    select
        batch,
        {{ unpacked_document('document', '{
            "taskID": "BIGINT",
            "transactionID": "BIGINT",
            "transactionType": "VARCHAR",
            "oldValue": "JSON",
            "newValue": "JSON",
            "meta": {
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
),

-- A server that changed may have given a transaction in both ways: gettasktransactions says more.
records_alone as (
    select records.*
    from records
    left join {{ source('raw', 'phabricator_transactions') }} as given_in_full
        on cast(records.transaction_id as varchar) = given_in_full.key
    where given_in_full.key is null
),

-- transaction.search names a task by its PHID alone: a transaction whose task is not known here is left out.
records_of_tasks as (
    select
        records_alone.transaction_id,
        tasks.task_id,
        records_alone.author_phid,
        records_alone.raw_type,
        records_alone.custom_field,
        records_alone.edit_group,
        records_alone.old_value,
        records_alone.new_value,
        records_alone.edge_type,
        greatest(records_alone.batch, tasks.batch) as batch,
        records_alone.occurred_at
    from records_alone
    inner join tasks on records_alone.task_phid = tasks.task_phid
),

unioned as (
    select * from readable
    union all
    select * from records_of_tasks
    where {{ is_of_new_transaction() }}
)

select * from unioned
