with

throughput as (
    select * from {{ ref('metric_throughput') }}
    where period = 'week' and subtype = 'all' and priority_name = 'all'
),

net_flow as (
    select * from {{ ref('metric_net_flow') }}
    where period = 'week' and subtype = 'all' and priority_name = 'all'
),

wip as (
    select * from {{ ref('metric_wip') }}
    where period = 'week' and subtype = 'all' and priority_name = 'all'
),

cycle_time as (
    select * from {{ ref('metric_cycle_time') }}
    where period = 'week' and subtype = 'all' and priority_name = 'all'
),

lead_time as (
    select * from {{ ref('metric_lead_time') }}
    where period = 'week' and subtype = 'all' and priority_name = 'all'
),

flow_efficiency as (
    select * from {{ ref('metric_flow_efficiency') }}
    where period = 'week'
),

deployment_frequency as (
    select * from {{ ref('metric_deployment_frequency') }}
    where period = 'week'
),

change_lead_time as (
    select * from {{ ref('metric_change_lead_time') }}
    where period = 'week'
),

change_fail_rate as (
    select * from {{ ref('metric_change_fail_rate') }}
    where period = 'week'
),

failed_deployment_recovery_time as (
    select * from {{ ref('metric_failed_deployment_recovery_time') }}
    where period = 'week'
),

deployment_rework_rate as (
    select * from {{ ref('metric_deployment_rework_rate') }}
    where period = 'week'
),

train_trouble as (
    select * from {{ ref('metric_train_trouble') }}
    where period = 'week' and version = 'all'
),

train_blockers as (
    select * from {{ ref('metric_train_blockers') }}
    where period = 'week' and version = 'all' and group_name = 'all'
),

train_rollback_time as (
    select * from {{ ref('metric_train_rollback_time') }}
    where period = 'week' and version = 'all'
),

train_delay as (
    select * from {{ ref('metric_train_delay') }}
    where period = 'week' and version = 'all' and group_name = 'group2'
),

train_patches as (
    select * from {{ ref('metric_train_patches') }}
    where period = 'week' and version = 'all'
),

subjects as (
    select * from {{ ref('int_impact_subjects') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

measured_weeks as (
    select
        'project' as subject_kind,
        project_phid as subject_key,
        'closed tasks' as measure,
        period_started_date as week_started_date,
        cast(closed_tasks_count as double) as measured_value,
        closed_tasks_count as samples_count
    from throughput
    union all
    select
        'project' as subject_kind,
        project_phid as subject_key,
        'created tasks' as measure,
        period_started_date as week_started_date,
        cast(created_tasks_count as double) as measured_value,
        created_tasks_count as samples_count
    from net_flow
    union all
    select
        'project' as subject_kind,
        project_phid as subject_key,
        'tasks in progress' as measure,
        period_started_date as week_started_date,
        cast(wip_mean_count as double) as measured_value,
        wip_count as samples_count
    from wip
    union all
    select
        'project' as subject_kind,
        project_phid as subject_key,
        'median cycle time' as measure,
        period_started_date as week_started_date,
        cast(cycle_time_p50_days as double) as measured_value,
        finished_tasks_count as samples_count
    from cycle_time
    union all
    select
        'project' as subject_kind,
        project_phid as subject_key,
        'cycle time of 85 %' as measure,
        period_started_date as week_started_date,
        cast(cycle_time_p85_days as double) as measured_value,
        finished_tasks_count as samples_count
    from cycle_time
    union all
    select
        'project' as subject_kind,
        project_phid as subject_key,
        'median lead time' as measure,
        period_started_date as week_started_date,
        cast(lead_time_p50_days as double) as measured_value,
        finished_tasks_count as samples_count
    from lead_time
    union all
    select
        'project' as subject_kind,
        project_phid as subject_key,
        'flow efficiency' as measure,
        period_started_date as week_started_date,
        cast(flow_efficiency_share as double) as measured_value,
        finished_tasks_count as samples_count
    from flow_efficiency
    union all
    select
        'pipeline' as subject_kind,
        pipeline || '/' || environment as subject_key,
        'deployments' as measure,
        period_started_date as week_started_date,
        cast(deployments_count as double) as measured_value,
        deployments_count as samples_count
    from deployment_frequency
    union all
    select
        'pipeline' as subject_kind,
        pipeline || '/' || environment as subject_key,
        'lead time for changes' as measure,
        period_started_date as week_started_date,
        cast(committed_to_deployed_p50_days as double) as measured_value,
        measured_changes_count as samples_count
    from change_lead_time
    union all
    select
        'pipeline' as subject_kind,
        pipeline || '/' || environment as subject_key,
        'change fail rate' as measure,
        period_started_date as week_started_date,
        cast(failed_deployments_share as double) as measured_value,
        judged_deployments_count as samples_count
    from change_fail_rate
    union all
    select
        'pipeline' as subject_kind,
        pipeline || '/' || environment as subject_key,
        'recovery time' as measure,
        period_started_date as week_started_date,
        cast(recovery_time_p50_hours as double) as measured_value,
        recovered_deployments_count as samples_count
    from failed_deployment_recovery_time
    union all
    select
        'pipeline' as subject_kind,
        pipeline || '/' || environment as subject_key,
        'rework rate' as measure,
        period_started_date as week_started_date,
        cast(unplanned_deployments_share as double) as measured_value,
        planned_or_not_deployments_count as samples_count
    from deployment_rework_rate
    union all
    select
        'pipeline' as subject_kind,
        {{ train_subject() }} as subject_key,
        'trains without trouble' as measure,
        period_started_date as week_started_date,
        cast(without_trouble_share as double) as measured_value,
        trains_count as samples_count
    from train_trouble
    union all
    select
        'pipeline' as subject_kind,
        {{ train_subject() }} as subject_key,
        'blockers per train' as measure,
        period_started_date as week_started_date,
        cast(blockers_per_train_mean_count as double) as measured_value,
        trains_count as samples_count
    from train_blockers
    union all
    select
        'pipeline' as subject_kind,
        {{ train_subject() }} as subject_key,
        'rollbacks per week' as measure,
        period_started_date as week_started_date,
        cast(rollbacks_count as double) as measured_value,
        trains_count as samples_count
    from train_rollback_time
    union all
    select
        'pipeline' as subject_kind,
        {{ train_subject() }} as subject_key,
        'delay of the last group' as measure,
        period_started_date as week_started_date,
        cast(delay_mean_days as double) as measured_value,
        trains_count as samples_count
    from train_delay
    union all
    select
        'pipeline' as subject_kind,
        {{ train_subject() }} as subject_key,
        'patches per train' as measure,
        period_started_date as week_started_date,
        cast(patches_per_train_mean_count as double) as measured_value,
        trains_count as samples_count
    from train_patches
),

-- The running week says nothing yet.
weeks as (
    select
        measured_weeks.subject_kind,
        measured_weeks.subject_key,
        measured_weeks.measure,
        cast(measured_weeks.week_started_date as date) as week_started_date,
        measured_weeks.measured_value,
        cast(measured_weeks.samples_count as bigint) as samples_count
    from measured_weeks
    inner join subjects
        on
            measured_weeks.subject_kind = subjects.subject_kind
            and measured_weeks.subject_key = subjects.subject_key
    cross join extraction
    where measured_weeks.week_started_date < {{ period_start("'week'", 'extraction.as_of') }}
)

select * from weeks
