with

recorded_patches as (
    select * from {{ ref('stg_gerrit__recorded_patches') }}
),

changes as (
    select * from {{ ref('stg_gerrit__changes') }}
),

trains as (
    select * from {{ ref('trains') }}
),

installation as (
    select * from {{ ref('int_installation_given_settings') }}
),

-- A file tells only of patches that a version had from the start.
patches_from_the_start as (
    select
        patch_key as patch_id,
        version,
        link as change_id,
        link,
        cast(null as varchar) as project,
        cast(null as varchar) as owner,
        insertions_count,
        deletions_count,
        comments_count,
        false as is_backport,
        created_at,
        submitted_at
    from recorded_patches
),

-- What was merged to a version's own branch came after it was cut.
backports as (
    select
        changes.branch || ' ' || cast(changes.change_number as varchar) as patch_id,
        {{ canonical_version("replace(changes.branch, 'wmf/', '')") }} as version,
        changes.change_id,
        cast(changes.change_number as varchar) as link,
        changes.project,
        case
            when installation.publish_deployers then changes.owner_name
            else 'account ' || cast(changes.owner_account_id as varchar)
        end as owner,
        changes.insertions_count,
        changes.deletions_count,
        changes.comments_count,
        true as is_backport,
        changes.created_at,
        changes.submitted_at
    from changes
    cross join installation
    where changes.change_status = 'MERGED'
),

all_patches as (
    select * from patches_from_the_start
    union all
    select * from backports
),

patches_of_trains as (
    select
        all_patches.patch_id,
        all_patches.version,
        all_patches.change_id,
        all_patches.link,
        all_patches.project,
        all_patches.owner,
        cast(all_patches.insertions_count as bigint) as insertions_count,
        cast(all_patches.deletions_count as bigint) as deletions_count,
        cast(all_patches.comments_count as bigint) as comments_count,
        cast(epoch(all_patches.submitted_at) - epoch(all_patches.created_at) as bigint)
            as created_to_submitted_seconds,
        cast(epoch(trains.started_at) - epoch(all_patches.created_at) as bigint)
            as created_to_train_seconds,
        cast(epoch(trains.started_at) - epoch(all_patches.submitted_at) as bigint)
            as submitted_to_train_seconds,
        {{ days_between('all_patches.created_at', 'trains.started_at') }} as created_to_train_days,
        {{ days_between('all_patches.submitted_at', 'trains.started_at') }} as submitted_to_train_days,
        all_patches.is_backport,
        all_patches.created_at,
        all_patches.submitted_at,
        trains.started_at as train_started_at
    from all_patches
    left join trains on all_patches.version = trains.version
)

select * from patches_of_trains
