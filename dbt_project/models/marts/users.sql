with

people as (
    select * from {{ ref('stg_phabricator__users') }}
),

gone_objects as (
    select * from {{ ref('int_objects_gone') }}
    where stream = 'users'
),

users as (
    select
        people.user_phid,
        people.user_id,
        people.username,
        people.real_name,
        people.is_bot,
        people.is_disabled,
        coalesce(people.view_policy = 'public' or {{ is_allowed_policy('people.view_policy') }}, false)
        and gone_objects.object_key is null as is_published,
        people.created_at,
        people.modified_at
    from people
    left join gone_objects on people.user_phid = gone_objects.object_key
)

select * from users
