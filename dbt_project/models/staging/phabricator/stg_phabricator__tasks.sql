{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_new_document('task_id', ['phabricator_tasks'])) }}"
) }}
with

documents as ({{ latest_documents('phabricator_tasks') }}
),

unpacked as (
    select
        batch,
        {{ unpacked_document('document', '{
            "id": "BIGINT",
            "phid": "VARCHAR",
            "fields": {
                "name": "VARCHAR",
                "authorPHID": "VARCHAR",
                "ownerPHID": "VARCHAR",
                "status": {"value": "VARCHAR", "name": "VARCHAR"},
                "priority": {"value": "VARCHAR", "name": "VARCHAR"},
                "points": "VARCHAR",
                "subtype": "VARCHAR",
                "custom.release.version": "VARCHAR",
                "closerPHID": "VARCHAR",
                "dateClosed": "BIGINT",
                "spacePHID": "VARCHAR",
                "dateCreated": "BIGINT",
                "dateModified": "BIGINT",
                "policy": {"view": "VARCHAR"}
            },
            "attachments": {
                "columns": {"boards": "MAP(VARCHAR, STRUCT(columns STRUCT(phid VARCHAR)[]))"},
                "projects": {"projectPHIDs": ["VARCHAR"]}
            }
        }') }} as task
    from documents
),

renamed as (
    select
        task['id'] as task_id,
        task['phid'] as task_phid,
        task['fields']['authorPHID'] as author_phid,
        task['fields']['ownerPHID'] as owner_phid,
        task['fields']['closerPHID'] as closer_phid,
        task['fields']['spacePHID'] as space_phid,
        task['attachments']['projects']['projectPHIDs'] as project_phids,
        task['attachments']['columns']['boards'] as board_columns,

        {{ without_nul("task['fields']['name']") }} as title,
        task['fields']['status']['value'] as status,
        task['fields']['status']['name'] as status_name,
        task['fields']['priority']['value'] as priority,
        task['fields']['priority']['name'] as priority_name,
        task['fields']['subtype'] as subtype,
        {{ without_nul("task['fields']['custom.release.version']") }} as release_version,
        task['fields']['policy']['view'] as view_policy,

        try_cast(task['fields']['points'] as double) as points,
        batch,

        {{ epoch_to_timestamp("task['fields']['dateCreated']") }} as created_at,
        {{ epoch_to_timestamp("task['fields']['dateModified']") }} as modified_at,
        {{ epoch_to_timestamp("task['fields']['dateClosed']") }} as server_closed_at
    from unpacked
),

readable as (
    select * from renamed
    where
        task_id is not null
        and task_phid is not null
        and status is not null
        and created_at is not null
)

select * from readable
