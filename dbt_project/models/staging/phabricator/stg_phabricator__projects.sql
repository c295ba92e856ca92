with

documents as ({{ latest_documents('phabricator_projects') }}
),

unpacked as (
    select
        batch,
        {{ unpacked_document('document', '{
            "id": "BIGINT",
            "phid": "VARCHAR",
            "fields": {
                "name": "VARCHAR",
                "slug": "VARCHAR",
                "subtype": "VARCHAR",
                "milestone": "INTEGER",
                "depth": "INTEGER",
                "parent": {"phid": "VARCHAR"},
                "icon": {"key": "VARCHAR"},
                "color": {"key": "VARCHAR"},
                "status": "VARCHAR",
                "spacePHID": "VARCHAR",
                "dateCreated": "BIGINT",
                "dateModified": "BIGINT",
                "policy": {"view": "VARCHAR"}
            }
        }') }} as project
    from documents
),

renamed as (
    select
        project['id'] as project_id,
        project['phid'] as project_phid,
        project['fields']['parent']['phid'] as parent_project_phid,
        project['fields']['spacePHID'] as space_phid,

        {{ without_nul("project['fields']['name']") }} as project_name,
        project['fields']['slug'] as slug,
        project['fields']['subtype'] as subtype,
        project['fields']['icon']['key'] as icon,
        project['fields']['color']['key'] as color,
        project['fields']['status'] as project_status,
        project['fields']['policy']['view'] as view_policy,

        project['fields']['milestone'] as milestone_number,
        project['fields']['depth'] as depth,
        batch,

        project['fields']['milestone'] is not null as is_milestone,
        coalesce(project['fields']['status'] = 'archived', false) as is_archived,

        {{ epoch_to_timestamp("project['fields']['dateCreated']") }} as created_at,
        {{ epoch_to_timestamp("project['fields']['dateModified']") }} as modified_at
    from unpacked
),

readable as (
    select * from renamed
    where project_phid is not null
)

select * from readable
