with

periods as (
    select * from {{ ref('int_deployment_periods_spined') }}
),

deployments as (
    select * from {{ ref('deployments') }}
),

dated_deployments as (
    select
        *,
        {{ local_date('deployed_at') }} as deployed_date
    from deployments
),

deployments_by_period as (
    select
        periods.pipeline,
        periods.environment,
        periods.period,
        periods.period_started_date,
        dated_deployments.deployment_id,
        dated_deployments.recovery_time_hours,
        dated_deployments.is_failed,
        dated_deployments.is_unplanned,
        periods.is_complete,
        dated_deployments.deployed_date
    from periods
    left join dated_deployments
        on
            periods.pipeline = dated_deployments.pipeline
            and periods.environment = dated_deployments.environment
            and periods.period_started_date
            = {{ period_of_date('periods.period', 'dated_deployments.deployed_date') }}
)

select * from deployments_by_period
