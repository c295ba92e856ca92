with

findings_about_tasks as (
    select * from {{ ref('int_findings_about_tasks') }}
),

findings_about_projects as (
    select * from {{ ref('int_findings_about_projects') }}
),

findings_about_extraction as (
    select * from {{ ref('int_findings_about_extraction') }}
),

findings_about_deployments as (
    select * from {{ ref('int_findings_about_deployments') }}
),

findings_about_trains as (
    select * from {{ ref('int_findings_about_trains') }}
),

findings_about_changes as (
    select * from {{ ref('int_findings_about_changes') }}
),

finding_kinds as (
    select * from {{ ref('finding_kinds') }}
),

all_findings as (
    select
        finding,
        object_kind,
        object_key,
        task_id,
        cast(null as varchar) as version,
        cast(null as varchar) as pipeline,
        cast(null as varchar) as environment,
        detail,
        is_published
    from findings_about_tasks
    union all
    select
        finding,
        object_kind,
        object_key,
        cast(null as bigint) as task_id,
        cast(null as varchar) as version,
        cast(null as varchar) as pipeline,
        cast(null as varchar) as environment,
        detail,
        is_published
    from findings_about_projects
    union all
    select
        finding,
        object_kind,
        object_key,
        cast(null as bigint) as task_id,
        cast(null as varchar) as version,
        cast(null as varchar) as pipeline,
        cast(null as varchar) as environment,
        detail,
        is_published
    from findings_about_extraction
    union all
    select
        finding,
        object_kind,
        object_key,
        cast(null as bigint) as task_id,
        cast(null as varchar) as version,
        cast(null as varchar) as pipeline,
        cast(null as varchar) as environment,
        detail,
        is_published
    from findings_about_changes
    union all
    select
        finding,
        object_kind,
        object_key,
        cast(null as bigint) as task_id,
        cast(null as varchar) as version,
        pipeline,
        environment,
        detail,
        is_published
    from findings_about_deployments
    union all
    select
        finding,
        object_kind,
        object_key,
        cast(null as bigint) as task_id,
        version,
        cast(null as varchar) as pipeline,
        cast(null as varchar) as environment,
        detail,
        is_published
    from findings_about_trains
),

graded_findings as (
    select
        all_findings.task_id,
        all_findings.version,
        all_findings.pipeline,
        all_findings.environment,
        all_findings.object_key,
        all_findings.object_kind,
        all_findings.finding,
        finding_kinds.severity,
        all_findings.detail,
        finding_kinds.consequence,
        all_findings.is_published
    from all_findings
    left join finding_kinds on all_findings.finding = finding_kinds.finding
)

select * from graded_findings
