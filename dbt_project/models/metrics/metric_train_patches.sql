with

periods as (
    select * from {{ ref('int_train_periods_spined') }}
),

patches as (
    select * from {{ ref('patches') }}
),

trains as (
    select * from {{ ref('trains') }}
),

patch_numbers as (
    select
        periods.period,
        periods.period_started_date,
        periods.version,
        count(distinct trains.version) as trains_count,
        count(distinct patches.version) as trains_with_patches_count,
        count(case when not coalesce(patches.is_backport, false) then patches.version end) as patches_count,
        count(case when patches.is_backport then 1 end) as backports_count,
        count(distinct patches.owner_name) as patch_authors_count,
        sum(patches.insertions_count) as insertions_count,
        sum(patches.deletions_count) as deletions_count
    from periods
    left join trains on periods.train_version = trains.version
    left join patches on trains.version = patches.version
    group by periods.period, periods.period_started_date, periods.version
),

-- A train without any patch that is known carried patches that nobody collected: unknown, not none.
typed as (
    select
        version,
        period,
        period_started_date,
        cast(trains_count as bigint) as trains_count,
        cast(trains_with_patches_count as bigint) as trains_with_patches_count,
        case
            when trains_count = 0 or trains_with_patches_count > 0 then cast(patches_count as bigint)
        end as patches_count,
        case
            when trains_count = 0 or trains_with_patches_count > 0 then cast(backports_count as bigint)
        end as backports_count,
        cast(nullif(patch_authors_count, 0) as bigint) as patch_authors_count,
        cast(insertions_count as bigint) as insertions_count,
        cast(deletions_count as bigint) as deletions_count,
        cast(
            patches_count * 1.0 / nullif(trains_with_patches_count, 0) as double
        ) as patches_per_train_mean_count
    from patch_numbers
)

select * from typed
