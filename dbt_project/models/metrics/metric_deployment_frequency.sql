with

periods as (
    select * from {{ ref('int_deployment_periods_spined') }}
),

deployments as (
    select * from {{ ref('deployments') }}
),

dated as (
    select
        *,
        {{ local_date('deployed_at') }} as deployed_date
    from deployments
),

deployment_frequency as (
    select
        periods.pipeline,
        periods.environment,
        periods.period,
        periods.period_started_date,
        count(dated.deployment_id) as deployments_count,
        count(distinct dated.deployed_date) as deployment_days_count,
        periods.is_complete
    from periods
    left join dated
        on
            periods.pipeline = dated.pipeline
            and periods.environment = dated.environment
            and periods.period_started_date
            = {{ period_of_date('periods.period', 'dated.deployed_date') }}
    group by
        periods.pipeline,
        periods.environment,
        periods.period,
        periods.period_started_date,
        periods.is_complete
)

select * from deployment_frequency
