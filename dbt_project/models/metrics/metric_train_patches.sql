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

bugs as (
    select * from {{ ref('bugs') }}
),

patch_numbers as (
    select
        periods.period,
        periods.period_started_date,
        periods.version,
        count(distinct trains.version) as trains_count,
        count(
            distinct case when not coalesce(patches.is_backport, false) then patches.version end
        ) as trains_with_patches_count,
        count(distinct patches.version) as trains_with_any_count,
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

-- Where no bug of any train is known, nobody was asked for them: unknown, not none.
bug_numbers as (
    select
        periods.period,
        periods.period_started_date,
        periods.version,
        count(distinct bugs.task_id) as escaped_bugs_count,
        sum(count(bugs.task_id)) over () > 0 as is_any_known
    from periods
    left join bugs on periods.train_version = bugs.version
    group by periods.period, periods.period_started_date, periods.version
),

-- A train of which at most backports are known carried patches that nobody collected: unknown, not none.
typed as (
    select
        patch_numbers.version,
        patch_numbers.period,
        patch_numbers.period_started_date,
        cast(patch_numbers.trains_count as bigint) as trains_count,
        cast(patch_numbers.trains_with_patches_count as bigint) as trains_with_patches_count,
        case
            when patch_numbers.trains_count = 0 or patch_numbers.trains_with_patches_count > 0
                then cast(patch_numbers.patches_count as bigint)
        end as patches_count,
        case
            when patch_numbers.trains_count = 0 or patch_numbers.trains_with_any_count > 0
                then cast(patch_numbers.backports_count as bigint)
        end as backports_count,
        case
            when bug_numbers.is_any_known then cast(bug_numbers.escaped_bugs_count as bigint)
        end as escaped_bugs_count,
        cast(nullif(patch_numbers.patch_authors_count, 0) as bigint) as patch_authors_count,
        cast(patch_numbers.insertions_count as bigint) as insertions_count,
        cast(patch_numbers.deletions_count as bigint) as deletions_count,
        cast(
            patch_numbers.patches_count * 1.0 / nullif(patch_numbers.trains_with_patches_count, 0) as double
        ) as patches_per_train_mean_count
    from patch_numbers
    inner join bug_numbers
        on
            patch_numbers.period = bug_numbers.period
            and patch_numbers.period_started_date = bug_numbers.period_started_date
            and patch_numbers.version = bug_numbers.version
)

select * from typed
