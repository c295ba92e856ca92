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
        {{ local_date('min(deployments.deployed_at)') }} as first_date,
        {{ local_date('greatest(max(deployments.deployed_at), coalesce(max(extraction.as_of), max(deployments.deployed_at)))') }} as last_date
    from deployments
    cross join extraction
    group by deployments.pipeline, deployments.environment
),

weeks as (
    select
        pipeline,
        environment,
        'week' as period,
        cast({{ weeks_from(period_of_date("'week'", 'first_date'), 'last_date') }} as date) as period_started_date,
        last_date
    from places
),

months as (
    select
        pipeline,
        environment,
        'month' as period,
        cast({{ months_from(period_of_date("'month'", 'first_date'), 'last_date') }} as date) as period_started_date,
        last_date
    from places
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
