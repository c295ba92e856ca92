with

deployments as (
    select * from {{ ref('int_deployments_by_period') }}
),

change_fail_rate as (
    select
        pipeline,
        environment,
        period,
        period_started_date,
        count(is_failed) as judged_deployments_count,
        count(case when is_failed then 1 end) as failed_deployments_count,
        case
            when count(is_failed) > 0
                then count(case when is_failed then 1 end) / cast(count(is_failed) as double)
        end as failed_deployments_share,
        is_complete
    from deployments
    group by pipeline, environment, period, period_started_date, is_complete
)

select * from change_fail_rate
