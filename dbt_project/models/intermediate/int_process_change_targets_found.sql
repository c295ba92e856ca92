with

changes as (
    select * from {{ ref('int_process_changes_gathered') }}
    where problem is null
),

projects as (
    select * from {{ ref('stg_phabricator__projects') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
),

deployments as (
    select * from {{ ref('deployments') }}
),

places as (
    select distinct
        pipeline,
        environment,
        pipeline || '/' || environment as place_key
    from deployments
),

-- Who names nobody means everybody.
project_names as (
    select
        change_key,
        {{ names_in("coalesce(projects_text, case when pipelines_text is null then 'all' end)") }} as named
    from changes
),

named_projects as (
    select
        *,
        lower(named) = 'all' as is_site,
        ltrim(named, '#') as name_alone
    from project_names
),

named_pipelines as (
    select
        change_key,
        projects_text is null and pipelines_text is null as is_everything,
        {{ names_in("coalesce(pipelines_text, case when projects_text is null then 'all' end)") }} as named
    from changes
),

project_targets as (
    select
        named_projects.change_key,
        'project' as subject_kind,
        case when named_projects.is_site then 'all' else projects.project_phid end as subject_key,
        named_projects.named,
        named_projects.is_site or coalesce(screened_projects.is_published, false) as is_published
    from named_projects
    left join projects
        on
            not named_projects.is_site
            and named_projects.name_alone in (projects.project_phid, projects.slug, projects.project_name)
    left join screened_projects on projects.project_phid = screened_projects.project_phid
),

-- Nobody misses a pipeline where there is none and none was named.
pipeline_targets as (
    select
        named_pipelines.change_key,
        'pipeline' as subject_kind,
        places.place_key as subject_key,
        named_pipelines.named,
        true as is_published
    from named_pipelines
    left join places
        on
            lower(named_pipelines.named) = 'all'
            or named_pipelines.named in (places.pipeline, places.place_key)
    where places.place_key is not null or not named_pipelines.is_everything
),

targets as (
    select * from project_targets
    union all
    select * from pipeline_targets
)

select * from targets
