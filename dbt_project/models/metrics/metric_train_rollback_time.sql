with

periods as (
    select * from {{ ref('int_train_periods_spined') }}
),

trains as (
    select * from {{ ref('trains') }}
),

rollbacks_in_periods as (
    select
        periods.period,
        periods.period_started_date,
        periods.version,
        count(trains.version) as trains_count,
        count(case when trains.rollbacks_count > 0 then 1 end) as rolled_back_trains_count,
        coalesce(sum(trains.rollbacks_count), 0) as rollbacks_count,
        coalesce(sum(trains.rollbacks_seconds), 0) as rollbacks_seconds,
        {{ percentile('case when trains.rollbacks_count > 0 then trains.rollbacks_seconds end', 0.5) }}
            as rollbacks_p50_seconds,
        max(trains.rollbacks_seconds) as rollbacks_max_seconds
    from periods
    left join trains on periods.train_version = trains.version
    group by periods.period, periods.period_started_date, periods.version
),

typed as (
    select
        version,
        period,
        period_started_date,
        cast(trains_count as bigint) as trains_count,
        cast(rolled_back_trains_count as bigint) as rolled_back_trains_count,
        cast(rollbacks_count as bigint) as rollbacks_count,
        cast(rollbacks_seconds as double) / 3600 as rollbacks_hours,
        cast(rollbacks_p50_seconds as double) / 3600 as rollbacks_p50_hours,
        cast(rollbacks_max_seconds as double) / 3600 as rollbacks_max_hours
    from rollbacks_in_periods
)

select * from typed
