with

project_tasks as (
    select * from {{ ref('int_project_tasks_closed_over') }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

-- 'all' stands for the whole site.
project_tasks_and_all as (
    select
        project_phid,
        task_id,
        created_at
    from project_tasks
    where is_published
    union all
    select
        'all' as project_phid,
        task_id,
        created_at
    from screened_tasks
    where is_published
)

select * from project_tasks_and_all
