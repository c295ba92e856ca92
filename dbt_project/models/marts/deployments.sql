with

gathered as (
    select * from {{ ref('int_deployments_gathered') }}
),

incidents as (
    select * from {{ ref('int_incidents_tied') }}
),

changes as (
    select * from {{ ref('deployment_changes') }}
),

incidents_by_deployment as (
    select
        pipeline,
        environment,
        deployment_id,
        count(*) as incidents_count,
        min(started_at) as first_incident_at,
        case when count(*) = count(resolved_at) then max(resolved_at) end as last_resolved_at
    from incidents
    where deployment_id is not null
    group by pipeline, environment, deployment_id
),

-- Where nobody writes incidents down, their absence means nothing.
watched_places as (
    select distinct
        pipeline,
        environment
    from incidents
),

changes_by_deployment as (
    select
        pipeline,
        environment,
        deployment_id,
        count(*) as changes_count
    from changes
    where is_first_deployment
    group by pipeline, environment, deployment_id
),

repairs as (
    select
        pipeline,
        environment,
        repaired_deployment_id,
        min(case when coalesce(outcome, 'success') = 'success' then deployed_at end) as repaired_at
    from gathered
    where repaired_deployment_id is not null and repaired_deployment_id != deployment_id
    group by pipeline, environment, repaired_deployment_id
),

judged as (
    select
        gathered.*,
        coalesce(incidents_by_deployment.incidents_count, 0) as incidents_count,
        case
            when gathered.has_known_changes then coalesce(changes_by_deployment.changes_count, 0)
        end as changes_count,
        incidents_by_deployment.first_incident_at,
        incidents_by_deployment.last_resolved_at,
        repairs.repaired_at,
        case
            when gathered.has_failed then true
            when gathered.outcome in ('failed', 'rolled back') then true
            when incidents_by_deployment.incidents_count > 0 then true
            when repairs.repaired_deployment_id is not null then true
            when gathered.has_failed is not null or gathered.outcome is not null then false
            when watched_places.pipeline is not null then false
        end as is_failed
    from gathered
    left join incidents_by_deployment
        on
            gathered.pipeline = incidents_by_deployment.pipeline
            and gathered.environment = incidents_by_deployment.environment
            and gathered.deployment_id = incidents_by_deployment.deployment_id
    left join changes_by_deployment
        on
            gathered.pipeline = changes_by_deployment.pipeline
            and gathered.environment = changes_by_deployment.environment
            and gathered.deployment_id = changes_by_deployment.deployment_id
    left join repairs
        on
            gathered.pipeline = repairs.pipeline
            and gathered.environment = repairs.environment
            and gathered.deployment_id = repairs.repaired_deployment_id
    left join watched_places
        on
            gathered.pipeline = watched_places.pipeline
            and gathered.environment = watched_places.environment
),

followed as (
    select
        *,
        case
            when is_failed
                then coalesce(failed_at, greatest(first_incident_at, deployed_at), deployed_at)
        end as down_at,
        min(case when not coalesce(is_failed, false) then deployed_at end) over (
            partition by pipeline, environment
            order by deployed_at, deployment_id
            rows between 1 following and unbounded following
        ) as next_good_at
    from judged
),

-- What says when it was over, the surest first: a person, the incidents, the repairing deployment, the next
-- good one.
-- A train (has_failed is told) says itself when it rolled forward again.
recovered as (
    select
        *,
        case
            when not is_failed then null
            when recovered_at is not null then 'told'
            when incidents_count > 0 then case when last_resolved_at is not null then 'incident' end
            when has_failed is not null then null
            when repaired_at is not null then 'repair'
            when next_good_at is not null then 'next deployment'
        end as recovery_told_by,
        case
            when not is_failed then null
            when recovered_at is not null then recovered_at
            when incidents_count > 0 then last_resolved_at
            when has_failed is not null then null
            else coalesce(repaired_at, next_good_at)
        end as up_at
    from followed
),

deployments as (
    select
        pipeline,
        environment,
        deployment_id,
        repaired_deployment_id,
        version,
        outcome,
        deployed_by,
        case when up_at >= down_at then recovery_told_by end as recovery_told_by,
        changes_count,
        incidents_count,
        case
            when up_at >= down_at then {{ days_between('down_at', 'up_at') }} * 24
        end as recovery_time_hours,
        is_failed,
        is_unplanned,
        deployed_at,
        down_at as failed_at,
        case when up_at >= down_at then up_at end as recovered_at
    from recovered
)

select * from deployments
