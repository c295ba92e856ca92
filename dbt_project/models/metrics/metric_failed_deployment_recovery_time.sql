with

deployments as (
    select * from {{ ref('int_deployments_by_period') }}
),

failed_deployment_recovery_time as (
    select
        pipeline,
        environment,
        period,
        period_started_date,
        count(case when is_failed then 1 end) as failed_deployments_count,
        count(recovery_time_hours) as recovered_deployments_count,
        {{ percentile('recovery_time_hours', 0.5) }} as recovery_time_p50_hours,
        {{ percentile('recovery_time_hours', 0.85) }} as recovery_time_p85_hours,
        is_complete
    from deployments
    group by pipeline, environment, period, period_started_date, is_complete
)

select * from failed_deployment_recovery_time
