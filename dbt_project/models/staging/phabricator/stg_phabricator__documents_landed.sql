with

documents as (
    select
        'tasks' as stream,
        key as object_key,
        batch
    from {{ source('raw', 'phabricator_tasks') }}
    union all
    select
        'transactions' as stream,
        key as object_key,
        batch
    from {{ source('raw', 'phabricator_transactions') }}
    union all
    select
        'transactions' as stream,
        key as object_key,
        batch
    from {{ source('raw', 'phabricator_transaction_records') }}
    union all
    select
        stream,
        key as object_key,
        batch
    from {{ source('raw', 'visibility_changes') }}
    where source = 'phabricator' and stream = 'tasks'
),

documents_landed as (
    select distinct
        stream,
        try_cast(object_key as bigint) as object_id
    from documents
    where {{ 'batch > ' ~ last_built_batch() if begins_with() else 'false' }}
)

select * from documents_landed
where object_id is not null
