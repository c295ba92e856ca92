-- One row per pipeline, environment and month of the last two years: DORA's five.
select
    metric_deployment_frequency.pipeline,
    metric_deployment_frequency.environment,
    metric_deployment_frequency.period_started_date,
    metric_deployment_frequency.is_complete,
    metric_deployment_frequency.deployments_count,
    metric_deployment_frequency.deployment_days_count,
    metric_change_lead_time.measured_changes_count,
    metric_change_lead_time.committed_to_deployed_p50_days,
    metric_change_lead_time.committed_to_deployed_p85_days,
    metric_change_fail_rate.judged_deployments_count,
    metric_change_fail_rate.failed_deployments_count,
    metric_change_fail_rate.failed_deployments_share,
    metric_failed_deployment_recovery_time.recovered_deployments_count,
    metric_failed_deployment_recovery_time.recovery_time_p50_hours,
    metric_deployment_rework_rate.unplanned_deployments_count,
    metric_deployment_rework_rate.unplanned_deployments_share
from metric_deployment_frequency
cross join about
left join metric_change_lead_time using (pipeline, environment, period, period_started_date)
left join metric_change_fail_rate using (pipeline, environment, period, period_started_date)
left join metric_failed_deployment_recovery_time using (pipeline, environment, period, period_started_date)
left join metric_deployment_rework_rate using (pipeline, environment, period, period_started_date)
where
    metric_deployment_frequency.period = 'month'
    and metric_deployment_frequency.period_started_date >= date(about.as_of, 'start of month', '-24 months')
order by
    metric_deployment_frequency.pipeline,
    metric_deployment_frequency.environment,
    metric_deployment_frequency.period_started_date
