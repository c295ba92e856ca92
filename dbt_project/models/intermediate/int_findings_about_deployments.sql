with

quarantined_documents as (
    select * from {{ ref('stg_deployments__quarantined_documents') }}
),

streams as (
    select * from {{ ref('streams') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

deployments as (
    select * from {{ ref('deployments') }}
),

changes as (
    select * from {{ ref('deployment_changes') }}
),

incidents as (
    select * from {{ ref('int_incidents_tied') }}
),

told_incidents as (
    select * from {{ ref('stg_delivery__incidents') }}
),

-- What is wrong with one may quote it, so that only how many there are is told.
unreadable_documents as (
    select
        'unreadable documents' as finding,
        'stream' as object_kind,
        source || ' ' || stream as object_key,
        cast(null as varchar) as pipeline,
        cast(null as varchar) as environment,
        {{ counted('count(*)', 'document') }}
        || ' cannot be read; dddcli refresh and raw.quarantine say why' as detail
    from quarantined_documents
    group by source, stream
),

last_moment as (
    select greatest(max(streams.tried_at), max(extraction.as_of)) as last_at
    from extraction
    cross join streams
),

-- Clocks may differ by a little.
deployments_counted as (
    select
        deployments.pipeline,
        deployments.environment,
        count(*) as deployments_count,
        count(case when deployments.is_failed is null then 1 end) as unjudged_count,
        count(case when deployments.changes_count is null then 1 end) as without_changes_count,
        count(
            case when deployments.deployed_at > last_moment.last_at + interval 5 minute then 1 end
        ) as future_count,
        max(deployments.deployed_at) as last_deployed_at
    from deployments
    cross join last_moment
    group by deployments.pipeline, deployments.environment
),

changes_counted as (
    select
        pipeline,
        environment,
        count(*) as changes_count,
        count(case when committed_to_deployed_days is null then 1 end) as untimed_count
    from changes
    where is_first_deployment
    group by pipeline, environment
),

incidents_counted as (
    select
        incidents.pipeline,
        incidents.environment,
        count(*) as incidents_count,
        count(
            case when incidents.tied_by is null and told_incidents.stated_deployment_id is null then 1 end
        ) as early_count,
        count(
            case when incidents.tied_by is null and told_incidents.stated_deployment_id != 'none' then 1 end
        ) as misled_count
    from incidents
    inner join told_incidents on incidents.incident_id = told_incidents.incident_id
    group by incidents.pipeline, incidents.environment
),

findings_about_places as (
    select
        'unknown outcomes' as finding,
        pipeline,
        environment,
        unjudged_count || ' of ' || {{ counted('deployments_count', 'deployment') }}
        || ': nothing says whether they failed' as detail
    from deployments_counted
    where unjudged_count > 0
    union all
    select
        'unknown changes' as finding,
        pipeline,
        environment,
        without_changes_count || ' of ' || {{ counted('deployments_count', 'deployment') }}
        || ': nothing says what was new in them' as detail
    from deployments_counted
    where without_changes_count > 0
    union all
    select
        'deployments in the future' as finding,
        pipeline,
        environment,
        future_count || ' of ' || {{ counted('deployments_count', 'deployment') }}
        || ' are later than the last extraction, up to ' || last_deployed_at as detail
    from deployments_counted
    where future_count > 0
    union all
    select
        'changes without lead time' as finding,
        pipeline,
        environment,
        untimed_count || ' of ' || {{ counted('changes_count', 'change') }}
        || ' have no time, or one after their deployment' as detail
    from changes_counted
    where untimed_count > 0
    union all
    select
        'incidents before any deployment' as finding,
        pipeline,
        environment,
        early_count || ' of ' || {{ counted('incidents_count', 'incident') }}
        || ' began before the first deployment there' as detail
    from incidents_counted
    where early_count > 0
    union all
    select
        'incidents of unknown deployments' as finding,
        pipeline,
        environment,
        misled_count || ' of ' || {{ counted('incidents_count', 'incident') }}
        || ' name a deployment that is not known there' as detail
    from incidents_counted
    where misled_count > 0
),

-- Files, tags and public commits tell of them: whatever is here is published.
findings as (
    select
        *,
        true as is_published
    from unreadable_documents
    union all
    select
        finding,
        'pipeline' as object_kind,
        pipeline || ' to ' || environment as object_key,
        pipeline,
        environment,
        detail,
        true as is_published
    from findings_about_places
)

select * from findings
