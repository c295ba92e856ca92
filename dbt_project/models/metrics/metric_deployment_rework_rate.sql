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

deployment_rework_rate as (
    select
        periods.pipeline,
        periods.environment,
        periods.period,
        periods.period_started_date,
        count(dated.is_unplanned) as planned_or_not_deployments_count,
        count(case when dated.is_unplanned then 1 end) as unplanned_deployments_count,
        case
            when count(dated.is_unplanned) > 0
                then
                    cast(count(case when dated.is_unplanned then 1 end) as double)
                    / count(dated.is_unplanned)
        end as unplanned_deployments_share,
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

select * from deployment_rework_rate
