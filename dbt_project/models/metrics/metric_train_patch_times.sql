with

periods as (
    select * from {{ ref('int_train_periods_spined') }}
),

-- A backport is made for a train that has left already.
patches as (
    select * from {{ ref('patches') }}
    where not coalesce(is_backport, false)
),

patch_times as (
    select
        periods.period,
        periods.period_started_date,
        periods.version,
        count(patches.created_to_train_seconds) as patches_count,
        {{ percentile('patches.created_to_train_seconds', 0.5) }} / 86400.0 as created_to_train_p50_days,
        {{ percentile('patches.created_to_train_seconds', 0.85) }} / 86400.0 as created_to_train_p85_days,
        avg(patches.created_to_train_seconds) / 86400.0 as created_to_train_mean_days,
        {{ percentile('patches.submitted_to_train_seconds', 0.5) }} / 86400.0 as submitted_to_train_p50_days,
        {{ percentile('patches.submitted_to_train_seconds', 0.85) }} / 86400.0 as submitted_to_train_p85_days,
        avg(patches.submitted_to_train_seconds) / 86400.0 as submitted_to_train_mean_days
    from periods
    left join patches on periods.train_version = patches.version
    group by periods.period, periods.period_started_date, periods.version
),

typed as (
    select
        version,
        period,
        period_started_date,
        cast(patches_count as bigint) as patches_count,
        cast(created_to_train_p50_days as double) as created_to_train_p50_days,
        cast(created_to_train_p85_days as double) as created_to_train_p85_days,
        cast(created_to_train_mean_days as double) as created_to_train_mean_days,
        cast(submitted_to_train_p50_days as double) as submitted_to_train_p50_days,
        cast(submitted_to_train_p85_days as double) as submitted_to_train_p85_days,
        cast(submitted_to_train_mean_days as double) as submitted_to_train_mean_days
    from patch_times
)

select * from typed
