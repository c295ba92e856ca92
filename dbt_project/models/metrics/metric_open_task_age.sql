with

project_tasks as (
    select * from {{ ref('int_project_task_slices') }}
    where not is_closed
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

-- A task that was created while the extraction ran is 0 days old.
open_tasks as (
    select
        project_tasks.project_phid,
        project_tasks.subtype,
        project_tasks.priority_name,
        project_tasks.task_id,
        project_tasks.created_at,
        greatest({{ days_between('project_tasks.created_at', 'extraction.as_of') }}, 0) as age_days
    from project_tasks
    cross join extraction
),

open_task_age as (
    select
        project_phid,
        subtype,
        priority_name,
        {{ first_by('task_id', 'created_at, task_id') }} as oldest_task_id,
        count(*) as open_tasks_count,
        {{ percentile('age_days', 0.5) }} as age_p50_days,
        {{ percentile('age_days', 0.85) }} as age_p85_days,
        {{ mean_days('age_days') }} as age_mean_days,
        max(age_days) as age_max_days,
        min(created_at) as oldest_created_at
    from open_tasks
    group by project_phid, subtype, priority_name
)

select * from open_task_age
