with

trains as (
    select * from {{ ref('trains') }}
),

judged_trains as (
    select * from {{ ref('int_trains_judged') }}
),

train_patches as (
    select * from {{ ref('metric_train_patches') }}
    where period = 'train'
),

trains_measured as (
    select
        trains.version,
        trains.started_at,
        trains.total_seconds / 86400.0 as total_days,
        trains.group2_delay_days,
        judged_trains.rollbacks_count,
        trains.rollbacks_seconds / 3600.0 as rollbacks_hours,
        judged_trains.blockers_count,
        train_patches.patches_count
    from trains
    inner join judged_trains on trains.version = judged_trains.version
    left join train_patches on trains.version = train_patches.version
),

measures as (
    select
        version,
        started_at,
        'first to last roll-forward' as measure,
        'days' as unit,
        cast(total_days as double) as measured_value
    from trains_measured
    union all
    select
        version,
        started_at,
        'delay of group2' as measure,
        'days' as unit,
        cast(group2_delay_days as double) as measured_value
    from trains_measured
    union all
    select
        version,
        started_at,
        'rollbacks' as measure,
        '' as unit,
        cast(rollbacks_count as double) as measured_value
    from trains_measured
    union all
    select
        version,
        started_at,
        'time rolled back' as measure,
        'hours' as unit,
        cast(rollbacks_hours as double) as measured_value
    from trains_measured
    union all
    select
        version,
        started_at,
        'blockers' as measure,
        '' as unit,
        cast(blockers_count as double) as measured_value
    from trains_measured
    union all
    select
        version,
        started_at,
        'patches' as measure,
        '' as unit,
        cast(patches_count as double) as measured_value
    from trains_measured
),

known_measures as (
    select * from measures
    where measured_value is not null
),

-- Only trains before it: what is said of a train does not change with later ones.
compared as (
    select
        known_measures.version,
        known_measures.measure,
        known_measures.unit,
        known_measures.measured_value,
        count(others.version) as trains_count,
        count(
            case when others.measured_value < known_measures.measured_value then 1 end
        ) as lower_trains_count,
        count(
            case when others.measured_value = known_measures.measured_value then 1 end
        ) as same_trains_count,
        {{ percentile('others.measured_value', 0.5) }} as usual_p50_value
    from known_measures
    left join known_measures as others
        on
            known_measures.measure = others.measure
            and known_measures.started_at > others.started_at
            and known_measures.started_at <= others.started_at + interval 365 day
    group by
        known_measures.version,
        known_measures.measure,
        known_measures.unit,
        known_measures.measured_value
),

typed as (
    select
        version,
        measure,
        unit,
        measured_value,
        cast(usual_p50_value as double) as usual_p50_value,
        cast(trains_count as bigint) as trains_count,
        cast(lower_trains_count as bigint) as lower_trains_count,
        cast(same_trains_count as bigint) as same_trains_count,
        cast(
            (lower_trains_count + same_trains_count / 2.0) / nullif(trains_count, 0) as double
        ) as place_share
    from compared
)

select * from typed
