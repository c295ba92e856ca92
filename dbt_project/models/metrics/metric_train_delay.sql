with

periods as (
    select * from {{ ref('int_train_periods_spined') }}
),

trains as (
    select * from {{ ref('trains') }}
),

delays as (
    select
        version,
        'group0' as group_name,
        group0_delay_days as delay_days
    from trains
    union all
    select
        version,
        'group1' as group_name,
        group1_delay_days as delay_days
    from trains
    union all
    select
        version,
        'group2' as group_name,
        group2_delay_days as delay_days
    from trains
),

train_groups as (
    select distinct group_name from delays
),

delays_in_periods as (
    select
        periods.period,
        periods.period_started_date,
        periods.version,
        train_groups.group_name,
        count(delays.delay_days) as trains_count,
        count(case when delays.delay_days = 0 then 1 end) as on_time_trains_count,
        avg(delays.delay_days) as delay_mean_days,
        max(delays.delay_days) as delay_max_days
    from periods
    cross join train_groups
    left join delays
        on periods.train_version = delays.version and train_groups.group_name = delays.group_name
    group by periods.period, periods.period_started_date, periods.version, train_groups.group_name
),

typed as (
    select
        version,
        group_name,
        period,
        period_started_date,
        cast(trains_count as bigint) as trains_count,
        cast(on_time_trains_count as bigint) as on_time_trains_count,
        cast(on_time_trains_count * 1.0 / nullif(trains_count, 0) as double) as on_time_share,
        cast(delay_mean_days as double) as delay_mean_days,
        cast(delay_max_days as bigint) as delay_max_days
    from delays_in_periods
)

select * from typed
