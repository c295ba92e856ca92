with

recorded_patches as (
    select * from {{ ref('stg_gerrit__recorded_patches') }}
),

trains as (
    select * from {{ ref('trains') }}
),

patches_of_trains as (
    select
        recorded_patches.patch_key as patch_id,
        recorded_patches.version,
        recorded_patches.link as change_id,
        recorded_patches.link,
        cast(null as varchar) as project,
        cast(null as varchar) as owner,
        cast(recorded_patches.insertions_count as bigint) as insertions_count,
        cast(recorded_patches.deletions_count as bigint) as deletions_count,
        cast(recorded_patches.comments_count as bigint) as comments_count,
        cast(epoch(recorded_patches.submitted_at) - epoch(recorded_patches.created_at) as bigint)
            as created_to_submitted_seconds,
        cast(epoch(trains.started_at) - epoch(recorded_patches.created_at) as bigint)
            as created_to_train_seconds,
        cast(epoch(trains.started_at) - epoch(recorded_patches.submitted_at) as bigint)
            as submitted_to_train_seconds,
        {{ days_between('recorded_patches.created_at', 'trains.started_at') }} as created_to_train_days,
        {{ days_between('recorded_patches.submitted_at', 'trains.started_at') }} as submitted_to_train_days,
        false as is_backport,
        recorded_patches.created_at,
        recorded_patches.submitted_at,
        trains.started_at as train_started_at
    from recorded_patches
    left join trains on recorded_patches.version = trains.version
)

select * from patches_of_trains
