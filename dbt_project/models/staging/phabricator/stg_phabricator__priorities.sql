with

documents as ({{ latest_documents('phabricator_priorities') }}
),

unpacked as (
    select
        batch,
        {{ unpacked_document('document', '{
            "value": "VARCHAR",
            "name": "VARCHAR",
            "color": "VARCHAR"
        }') }} as task_priority
    from documents
),

renamed as (
    select
        task_priority['value'] as priority,
        task_priority['name'] as priority_name,
        task_priority['color'] as color,
        batch
    from unpacked
),

readable as (
    select * from renamed
    where priority is not null
)

select * from readable
