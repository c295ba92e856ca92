with

changes as (
    select * from {{ ref('process_changes') }}
    where is_published
),

targets as (
    select * from {{ ref('process_change_targets') }}
    where is_published
),

throughput as (
    select * from {{ ref('metric_throughput') }}
    where period = 'month' and subtype = 'all' and priority_name = 'all'
),

deployments as (
    select * from {{ ref('metric_deployment_frequency') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

targeted as (
    select distinct
        targets.subject_kind,
        targets.subject_key
    from targets
    inner join changes on targets.change_key = changes.change_key
),

-- Whoever closed most in two years is compared with, and has charts.
projects_by_size as (
    select
        throughput.project_phid,
        sum(throughput.closed_tasks_count) as closed_tasks_count
    from throughput
    cross join extraction
    where throughput.period_started_date >= {{ local_date('extraction.as_of') }} - 730
    group by throughput.project_phid
),

ranked_projects as (
    select
        project_phid,
        row_number() over (
            order by project_phid = 'all' desc, closed_tasks_count desc, project_phid asc
        ) as size_rank
    from projects_by_size
    where closed_tasks_count > 0
),

places as (
    select distinct pipeline || '/' || environment as place_key
    from deployments
),

subjects_of_all_kinds as (
    select
        subject_kind,
        subject_key,
        false as is_compared,
        true as is_charted
    from targeted
    union all
    select
        'project' as subject_kind,
        project_phid as subject_key,
        true as is_compared,
        size_rank <= {{ impact_most_charts() }} as is_charted
    from ranked_projects
    where size_rank <= {{ impact_most_projects() }}
    union all
    select
        'pipeline' as subject_kind,
        place_key as subject_key,
        true as is_compared,
        true as is_charted
    from places
    union all
    select
        'pipeline' as subject_kind,
        {{ train_subject() }} as subject_key,
        true as is_compared,
        true as is_charted
),

subjects as (
    select
        subject_kind,
        subject_key,
        bool_or(is_compared) as is_compared,
        bool_or(is_charted) as is_charted
    from subjects_of_all_kinds
    group by subject_kind, subject_key
)

select * from subjects
