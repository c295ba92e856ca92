with

deployments as (
    select * from {{ ref('int_deployments_by_period') }}
),

deployment_rework_rate as (
    select
        pipeline,
        environment,
        period,
        period_started_date,
        count(is_unplanned) as planned_or_not_deployments_count,
        count(case when is_unplanned then 1 end) as unplanned_deployments_count,
        case
            when count(is_unplanned) > 0
                then count(case when is_unplanned then 1 end) / cast(count(is_unplanned) as double)
        end as unplanned_deployments_share,
        is_complete
    from deployments
    group by pipeline, environment, period, period_started_date, is_complete
)

select * from deployment_rework_rate
