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

change_fail_rate as (
    select
        periods.pipeline,
        periods.environment,
        periods.period,
        periods.period_started_date,
        count(dated.is_failed) as judged_deployments_count,
        count(case when dated.is_failed then 1 end) as failed_deployments_count,
        case
            when count(dated.is_failed) > 0
                then count(case when dated.is_failed then 1 end) / cast(count(dated.is_failed) as double)
        end as failed_deployments_share,
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

select * from change_fail_rate
