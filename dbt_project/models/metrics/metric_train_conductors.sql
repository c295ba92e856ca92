with

periods as (
    select * from {{ ref('int_train_periods_spined') }}
),

trains as (
    select * from {{ ref('trains') }}
),

judged_trains as (
    select * from {{ ref('int_trains_judged') }}
),

-- All time beside months and quarters, for who has conducted how often.
conducted_trains as (
    select
        periods.period,
        periods.period_started_date,
        trains.version,
        trains.conductor
    from periods
    inner join trains on periods.train_version = trains.version
    where periods.period in ('month', 'quarter') and trains.conductor is not null
    union all
    select
        'all' as period,
        cast(null as date) as period_started_date,
        version,
        conductor
    from trains
    where conductor is not null
),

trains_by_conductor as (
    select
        conducted_trains.conductor,
        conducted_trains.period,
        conducted_trains.period_started_date,
        count(*) as trains_count,
        count(case when judged_trains.has_trouble then 1 end) as troubled_trains_count,
        sum(judged_trains.rollbacks_count) as rollbacks_count,
        sum(judged_trains.blockers_count) as blockers_count
    from conducted_trains
    inner join judged_trains on conducted_trains.version = judged_trains.version
    group by
        conducted_trains.conductor, conducted_trains.period, conducted_trains.period_started_date
),

typed as (
    select
        conductor,
        period,
        period_started_date,
        cast(trains_count as bigint) as trains_count,
        cast(troubled_trains_count as bigint) as troubled_trains_count,
        cast(rollbacks_count as bigint) as rollbacks_count,
        cast(blockers_count as bigint) as blockers_count,
        cast(
            trains_count * 1.0 / sum(trains_count) over (partition by period, period_started_date) as double
        ) as trains_share
    from trains_by_conductor
)

select * from typed
