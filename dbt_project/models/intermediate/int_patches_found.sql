with

recorded_patches as (
    select * from {{ ref('stg_gerrit__recorded_patches') }}
),

lookups as (
    select * from {{ ref('stg_gerrit__lookups') }}
),

changes as (
    select * from {{ ref('stg_gerrit__changes') }}
),

-- An abbreviated commit may be that of several changes, and a Change-Id is also that of cherry-picks.
candidates as (
    select
        recorded_patches.patch_key,
        changes.change_number,
        coalesce(changes.created_at = recorded_patches.created_at, false) as is_created_then,
        changes.train_version is null as is_no_backport,
        coalesce(changes.change_status = 'MERGED', false) as is_merged
    from recorded_patches
    inner join lookups on recorded_patches.link = lookups.link
    inner join changes on lookups.change_number = changes.change_number
),

found_patches as (
    select
        patch_key,
        change_number
    from candidates
    qualify
        row_number() over (
            partition by patch_key
            order by is_created_then desc, is_no_backport desc, is_merged desc, change_number asc
        ) = 1
)

select * from found_patches
