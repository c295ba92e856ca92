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

failed_deployment_recovery_time as (
    select
        periods.pipeline,
        periods.environment,
        periods.period,
        periods.period_started_date,
        count(case when dated.is_failed then 1 end) as failed_deployments_count,
        count(dated.recovery_time_hours) as recovered_deployments_count,
        {{ percentile('dated.recovery_time_hours', 0.5) }} as recovery_time_p50_hours,
        {{ percentile('dated.recovery_time_hours', 0.85) }} as recovery_time_p85_hours,
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

select * from failed_deployment_recovery_time
