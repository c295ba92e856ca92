with

deployments as (
    select * from {{ ref('int_deployments_by_period') }}
),

deployment_frequency as (
    select
        pipeline,
        environment,
        period,
        period_started_date,
        count(deployment_id) as deployments_count,
        count(distinct deployed_date) as deployment_days_count,
        is_complete
    from deployments
    group by pipeline, environment, period, period_started_date, is_complete
)

select * from deployment_frequency
