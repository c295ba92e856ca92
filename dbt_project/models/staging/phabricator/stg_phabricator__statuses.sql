with

documents as ({{ latest_documents('phabricator_statuses') }}
),

unpacked as (
    select
        batch,
        {{ unpacked_document('document', '{
            "value": "VARCHAR",
            "name": "VARCHAR",
            "closed": "BOOLEAN",
            "special": "VARCHAR"
        }') }} as task_status
    from documents
),

renamed as (
    select
        task_status['value'] as status,
        task_status['name'] as status_name,
        task_status['special'] as special,
        batch,
        coalesce(task_status['closed'], false) as is_closed
    from unpacked
),

readable as (
    select * from renamed
    where status is not null
)

select * from readable
