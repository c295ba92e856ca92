with

deployments as (
    select * from {{ ref('int_deployments_gathered') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

places as (
    select
        deployments.pipeline,
        deployments.environment,
        min(deployments.deployed_at) as first_at,
        max(greatest(deployments.deployed_at, coalesce(extraction.as_of, deployments.deployed_at))) as last_at
    from deployments
    cross join extraction
    group by deployments.pipeline, deployments.environment
),

dated_places as (
    select
        pipeline,
        environment,
        {{ local_date('first_at') }} as first_date,
        {{ local_date('last_at') }} as last_date
    from places
),

first_periods as (
    select
        *,
        {{ period_of_date("'week'", 'first_date') }} as first_week_date,
        {{ period_of_date("'month'", 'first_date') }} as first_month_date
    from dated_places
),

weeks as (
    select
        pipeline,
        environment,
        'week' as period,
        cast({{ weeks_from('first_week_date', 'last_date') }} as date) as period_started_date,
        last_date
    from first_periods
),

months as (
    select
        pipeline,
        environment,
        'month' as period,
        cast({{ months_from('first_month_date', 'last_date') }} as date) as period_started_date,
        last_date
    from first_periods
),

weeks_and_months as (
    select * from weeks
    union all
    select * from months
),

periods as (
    select
        pipeline,
        environment,
        period,
        period_started_date,
        {{ next_period('period', 'period_started_date') }} <= last_date as is_complete
    from weeks_and_months
)

select * from periods
