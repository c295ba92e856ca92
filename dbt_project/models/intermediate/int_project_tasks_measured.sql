with

project_tasks as (
    select * from {{ ref('int_project_tasks_published') }}
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

starts as (
    select * from {{ ref('int_tasks_started') }}
),

closings as (
    select * from {{ ref('int_tasks_closed') }}
),

settings as (
    select * from {{ ref('int_projects_given_settings') }}
),

timed_tasks as (
    select
        project_tasks.project_phid,
        project_tasks.task_id,
        {{ slice_value('tasks.subtype') }} as subtype,
        {{ slice_value('tasks.priority_name') }} as priority_name,
        tasks.points,
        coalesce(closings.is_closed, false) as is_closed,
        tasks.created_at,
        {{ starting_time('starts', 'tasks.created_at', 'settings') }} as started_at,
        {{ finishing_time('closings', 'settings') }} as closed_at,
        closings.first_closed_at,
        closings.last_closed_at
    from project_tasks
    inner join tasks on project_tasks.task_id = tasks.task_id
    inner join settings on project_tasks.project_phid = settings.project_phid
    left join starts on project_tasks.task_id = starts.task_id
    left join closings on project_tasks.task_id = closings.task_id
    where not coalesce({{ is_among('tasks.subtype', 'settings.excluded_subtypes') }}, false)
),

measured_tasks as (
    select
        project_phid,
        task_id,
        subtype,
        priority_name,
        points,
        {{ days_between('created_at', 'closed_at') }} as lead_time_days,
        case
            when started_at <= closed_at then {{ days_between('started_at', 'closed_at') }}
        end as cycle_time_days,
        is_closed,
        created_at,
        started_at,
        closed_at,
        first_closed_at,
        last_closed_at,
        {{ local_date('created_at') }} as created_date,
        {{ local_date('started_at') }} as started_date,
        {{ local_date('closed_at') }} as closed_date
    from timed_tasks
)

select * from measured_tasks
