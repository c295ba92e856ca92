with

project_tasks as (
    select * from {{ ref('int_project_tasks_closed_over') }}
),

renamed as (
    select
        project_phid,
        task_id,
        is_direct,
        is_published
    from project_tasks
)

select * from renamed
