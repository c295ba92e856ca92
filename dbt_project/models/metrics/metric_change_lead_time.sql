with

periods as (
    select * from {{ ref('int_deployment_periods_spined') }}
),

changes as (
    select * from {{ ref('deployment_changes') }}
    where is_first_deployment
),

dated as (
    select
        *,
        {{ local_date('deployed_at') }} as deployed_date
    from changes
),

change_lead_time as (
    select
        periods.pipeline,
        periods.environment,
        periods.period,
        periods.period_started_date,
        count(dated.change_id) as changes_count,
        count(dated.committed_to_deployed_days) as measured_changes_count,
        {{ percentile('dated.committed_to_deployed_days', 0.5) }} as committed_to_deployed_p50_days,
        {{ percentile('dated.committed_to_deployed_days', 0.85) }} as committed_to_deployed_p85_days,
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

select * from change_lead_time
