with

documents as ({{ latest_documents('phabricator_users') }}
),

unpacked as (
    select
        batch,
        {{ unpacked_document('document', '{
            "id": "BIGINT",
            "phid": "VARCHAR",
            "fields": {
                "username": "VARCHAR",
                "realName": "VARCHAR",
                "roles": ["VARCHAR"],
                "dateCreated": "BIGINT",
                "dateModified": "BIGINT",
                "policy": {"view": "VARCHAR"}
            }
        }') }} as person
    from documents
),

renamed as (
    select
        person['id'] as user_id,
        person['phid'] as user_phid,

        {{ without_nul("person['fields']['username']") }} as username,
        {{ without_nul("person['fields']['realName']") }} as real_name,
        person['fields']['policy']['view'] as view_policy,

        batch,

        coalesce(list_contains(person['fields']['roles'], 'bot'), false) as is_bot,
        coalesce(list_contains(person['fields']['roles'], 'disabled'), false) as is_disabled,

        {{ epoch_to_timestamp("person['fields']['dateCreated']") }} as created_at,
        {{ epoch_to_timestamp("person['fields']['dateModified']") }} as modified_at
    from unpacked
),

readable as (
    select * from renamed
    where user_phid is not null
)

select * from readable
