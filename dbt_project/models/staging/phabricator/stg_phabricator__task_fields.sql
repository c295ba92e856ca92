{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_new_document('task_id', ['phabricator_tasks'])) }}"
) }}
with

documents as ({{ latest_documents('phabricator_tasks') }}
),

-- Most tasks have custom fields that nobody filled in: looking for one that is costs less than unpacking all.
documents_with_fields as (
    select * from documents
    where regexp_matches(document, '"custom\.[^"]+":[^n]')
),

unpacked as (
    select
        batch,
        {{ unpacked_document('document', '{"id": "BIGINT", "fields": "MAP(VARCHAR, JSON)"}') }} as task
    from documents_with_fields
),

fields as (
    select
        task['id'] as task_id,
        batch,
        unnest(map_entries(task['fields'])) as field
    from unpacked
),

renamed as (
    select
        task_id,
        substr(field['key'], 8) as field_key,
        {{ json_scalar("field['value']") }} as field_value,
        batch
    from fields
    where starts_with(field['key'], 'custom.')
),

filled as (
    select * from renamed
    where task_id is not null and field_value not in ('', '[]', 'false')
)

select * from filled
