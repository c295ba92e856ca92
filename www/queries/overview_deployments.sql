-- Overview: DORA's figures of the last 25 whole months, of each pipeline and environment
select
    frequency.pipeline,
    frequency.environment,
    frequency.period_started_date,
    frequency.deployments_count,
    lead_time.committed_to_deployed_p50_days,
    failures.failed_deployments_share,
    recovery.recovery_time_p50_hours,
    rework.unplanned_deployments_share
from metric_deployment_frequency as frequency
left join metric_change_lead_time as lead_time
    on
        frequency.pipeline = lead_time.pipeline
        and frequency.environment = lead_time.environment
        and frequency.period = lead_time.period
        and frequency.period_started_date = lead_time.period_started_date
left join metric_change_fail_rate as failures
    on
        frequency.pipeline = failures.pipeline
        and frequency.environment = failures.environment
        and frequency.period = failures.period
        and frequency.period_started_date = failures.period_started_date
left join metric_failed_deployment_recovery_time as recovery
    on
        frequency.pipeline = recovery.pipeline
        and frequency.environment = recovery.environment
        and frequency.period = recovery.period
        and frequency.period_started_date = recovery.period_started_date
left join metric_deployment_rework_rate as rework
    on
        frequency.pipeline = rework.pipeline
        and frequency.environment = rework.environment
        and frequency.period = rework.period
        and frequency.period_started_date = rework.period_started_date
where
    frequency.period = 'month'
    and frequency.is_complete
    and frequency.period_started_date >= date((select substr(as_of, 1, 10) from about), 'start of month', '-25 months')
order by frequency.pipeline, frequency.environment, frequency.period_started_date
