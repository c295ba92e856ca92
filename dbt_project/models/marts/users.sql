with

people as (
    select * from {{ ref('stg_phabricator__users') }}
),

users as (
    select
        user_phid,
        user_id,
        username,
        real_name,
        is_bot,
        is_disabled,
        coalesce(view_policy = 'public' or {{ is_allowed_policy('view_policy') }}, false) as is_published,
        created_at,
        modified_at
    from people
)

select * from users
