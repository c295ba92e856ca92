with

measured_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

tasks as (
    select * from {{ ref('tasks') }}
),

tasks_with_roles as (
    select
        measured_tasks.project_phid,
        measured_tasks.task_id,
        measured_tasks.subtype,
        measured_tasks.priority_name,
        tasks.status_role,
        measured_tasks.lead_time_days,
        measured_tasks.cycle_time_days,
        measured_tasks.is_closed,
        measured_tasks.created_at,
        measured_tasks.started_at,
        measured_tasks.closed_at,
        measured_tasks.closed_date
    from measured_tasks
    inner join tasks on measured_tasks.task_id = tasks.task_id
)

select * from tasks_with_roles
