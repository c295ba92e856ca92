with

periods as (
    select * from {{ ref('int_train_periods_spined') }}
),

trains as (
    select * from {{ ref('int_trains_judged') }}
),

trains_counted as (
    select
        periods.period,
        periods.period_started_date,
        periods.version,
        count(trains.version) as trains_count,
        count(case when trains.has_trouble then 1 end) as troubled_trains_count,
        count(case when trains.is_rolled_back then 1 end) as rolled_back_trains_count,
        count(case when trains.has_late_blocker then 1 end) as trains_with_late_blockers_count
    from periods
    left join trains on periods.train_version = trains.version
    group by periods.period, periods.period_started_date, periods.version
),

shares as (
    select
        *,
        (trains_count - troubled_trains_count) * 1.0 / nullif(trains_count, 0) as without_trouble_share
    from trains_counted
),

typed as (
    select
        version,
        period,
        period_started_date,
        cast(trains_count as bigint) as trains_count,
        cast(troubled_trains_count as bigint) as troubled_trains_count,
        cast(rolled_back_trains_count as bigint) as rolled_back_trains_count,
        cast(trains_with_late_blockers_count as bigint) as trains_with_late_blockers_count,
        cast(without_trouble_share as double) as without_trouble_share
    from shares
)

select * from typed
