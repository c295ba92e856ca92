with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

{{ slicings() }},

sliced_tasks as (
    select
        project_tasks.project_phid,
        project_tasks.task_id,
        case when slicings.is_every_subtype then 'all' else project_tasks.subtype end as subtype,
        case when slicings.is_every_priority then 'all' else project_tasks.priority_name end as priority_name,
        slicings.is_every_subtype and slicings.is_every_priority as is_every_task,
        project_tasks.points,
        project_tasks.lead_time_days,
        project_tasks.cycle_time_days,
        project_tasks.is_closed,
        project_tasks.created_at,
        project_tasks.started_at,
        project_tasks.closed_at,
        project_tasks.first_closed_at,
        project_tasks.last_closed_at,
        project_tasks.created_date,
        project_tasks.started_date,
        project_tasks.closed_date
    from project_tasks
    cross join slicings
)

select * from sliced_tasks
