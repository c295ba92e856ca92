with

train_patches as (
    select * from {{ ref('metric_train_patches') }}
    where period = 'train'
),

trains as (
    select * from {{ ref('trains') }}
),

judged_trains as (
    select * from {{ ref('int_trains_judged') }}
),

-- Of a train of which only backports are known, nobody knows the size.
trains_measured as (
    select
        train_patches.version,
        train_patches.patches_count,
        train_patches.insertions_count + train_patches.deletions_count as changed_lines_count,
        train_patches.patch_authors_count,
        judged_trains.rollbacks_count,
        judged_trains.blockers_count,
        case when judged_trains.has_trouble then 1 else 0 end as has_trouble,
        trains.rollbacks_seconds,
        trains.total_seconds
    from train_patches
    inner join judged_trains on train_patches.version = judged_trains.version
    inner join trains on train_patches.version = trains.version
    where train_patches.patches_count is not null
),

sizes as (
    select
        version,
        'patches' as size_measure,
        cast(patches_count as bigint) as size_value
    from trains_measured
    union all
    select
        version,
        'changed lines' as size_measure,
        cast(changed_lines_count as bigint) as size_value
    from trains_measured
    union all
    select
        version,
        'patch authors' as size_measure,
        cast(patch_authors_count as bigint) as size_value
    from trains_measured
),

troubles as (
    select
        version,
        'rollbacks' as trouble_measure,
        cast(rollbacks_count as bigint) as trouble_value
    from trains_measured
    union all
    select
        version,
        'rollback time' as trouble_measure,
        cast(rollbacks_seconds as bigint) as trouble_value
    from trains_measured
    union all
    select
        version,
        'blockers' as trouble_measure,
        cast(blockers_count as bigint) as trouble_value
    from trains_measured
    union all
    select
        version,
        'any trouble' as trouble_measure,
        cast(has_trouble as bigint) as trouble_value
    from trains_measured
    union all
    select
        version,
        'total time' as trouble_measure,
        cast(total_seconds as bigint) as trouble_value
    from trains_measured
),

pairs as (
    select
        sizes.size_measure,
        troubles.trouble_measure,
        sizes.size_value,
        troubles.trouble_value
    from sizes
    inner join troubles on sizes.version = troubles.version
),

-- Trains of which either is not known are no part of a pair.
known_pairs as (
    select * from pairs
    where size_value is not null and trouble_value is not null
),

-- Equal values share the mean of the places that they take; twice that, to stay whole.
ranked_pairs as (
    select
        size_measure,
        trouble_measure,
        size_value,
        trouble_value,
        2 * rank() over (partition by size_measure, trouble_measure order by size_value)
        + count(*) over (partition by size_measure, trouble_measure, size_value) - 1 as size_rank,
        2 * rank() over (partition by size_measure, trouble_measure order by trouble_value)
        + count(*) over (partition by size_measure, trouble_measure, trouble_value) - 1 as trouble_rank
    from known_pairs
),

measures as (
    select distinct
        size_measure,
        trouble_measure
    from pairs
),

correlations as (
    select
        measures.size_measure,
        measures.trouble_measure,
        count(ranked_pairs.size_value) as trains_count,
        {{ correlation('ranked_pairs.size_rank', 'ranked_pairs.trouble_rank') }} as spearman_correlation,
        {{ correlation('ranked_pairs.size_value', 'ranked_pairs.trouble_value') }} as pearson_correlation
    from measures
    left join ranked_pairs
        on
            measures.size_measure = ranked_pairs.size_measure
            and measures.trouble_measure = ranked_pairs.trouble_measure
    group by measures.size_measure, measures.trouble_measure
),

typed as (
    select
        size_measure,
        trouble_measure,
        cast(trains_count as bigint) as trains_count,
        case when trains_count >= 10 then spearman_correlation end as spearman_correlation,
        case when trains_count >= 10 then pearson_correlation end as pearson_correlation
    from correlations
)

select * from typed
