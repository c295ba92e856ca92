with

project_spans as (
    select * from {{ ref('int_task_project_spans') }}
),

ancestors as (
    select * from {{ ref('int_project_ancestors_resolved') }}
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
    where is_published
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
    where is_published
),

excluded_subtypes as (
    select * from {{ ref('int_project_subtypes_excluded') }}
),

tags as (
    select
        ancestors.ancestor_phid as project_phid,
        project_spans.task_id,
        project_spans.started_at,
        project_spans.ended_at
    from project_spans
    inner join ancestors on project_spans.project_phid = ancestors.project_phid
    inner join screened_projects on ancestors.ancestor_phid = screened_projects.project_phid
),

-- A task with several tags of one family is in its scope as long as one of them lasts.
{{ merged_spans_of('tags', 'project_phid, task_id') }},

scopes as (
    select
        project_phid,
        task_id,
        started_at,
        ended_at
    from tags_merged
    union all
    select
        'all' as project_phid,
        task_id,
        created_at as started_at,
        cast(null as timestamp) as ended_at
    from screened_tasks
),

published_scopes as (
    select
        scopes.project_phid,
        scopes.task_id,
        scopes.started_at,
        scopes.ended_at
    from scopes
    inner join screened_tasks on scopes.task_id = screened_tasks.task_id
    inner join tasks on scopes.task_id = tasks.task_id
    left join excluded_subtypes
        on scopes.project_phid = excluded_subtypes.project_phid and tasks.subtype = excluded_subtypes.subtype
    where excluded_subtypes.subtype is null
)

select * from published_scopes
