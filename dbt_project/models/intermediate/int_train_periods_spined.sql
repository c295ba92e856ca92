with

trains as (
    select * from {{ ref('trains') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

dated_trains as (
    select
        version,
        {{ local_date('started_at') }} as started_date
    from trains
),

bounds as (
    select
        min(dated_trains.started_date) as first_date,
        greatest(
            max(dated_trains.started_date),
            coalesce(max({{ local_date('extraction.as_of') }}), max(dated_trains.started_date))
        ) as last_date
    from dated_trains
    cross join extraction
),

first_days as (
    select
        'week' as period,
        cast(
            {{ weeks_from(period_of_date("'week'", 'first_date'), 'last_date') }} as date
        ) as period_started_date
    from bounds
    where first_date is not null
    union all
    select
        'month' as period,
        cast(
            {{ months_from(period_of_date("'month'", 'first_date'), 'last_date') }} as date
        ) as period_started_date
    from bounds
    where first_date is not null
),

-- A quarter is there when its months are; a period is there when no train started in it.
periods as (
    select * from first_days
    union all
    select distinct
        'quarter' as period,
        {{ period_of_date("'quarter'", 'period_started_date') }} as period_started_date
    from first_days
    where period = 'month'
),

trains_by_period as (
    select
        'train' as period,
        started_date as period_started_date,
        version,
        version as train_version
    from dated_trains
    union all
    select
        periods.period,
        periods.period_started_date,
        'all' as version,
        dated_trains.version as train_version
    from periods
    left join dated_trains
        on periods.period_started_date = {{ period_of_date('periods.period', 'dated_trains.started_date') }}
)

select * from trains_by_period
