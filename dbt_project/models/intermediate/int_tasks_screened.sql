with

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

spaces as (
    select * from {{ ref('int_spaces_screened') }}
),

screened as (
    select
        tasks.task_id,
        tasks.task_phid,
        tasks.created_at,
        {{ is_allowed_policy('tasks.view_policy') }}
        and (tasks.space_phid is null or spaces.space_phid is not null) as is_allowed
    from tasks
    left join spaces on tasks.space_phid = spaces.space_phid
),

decided as (
    select
        task_id,
        task_phid,
        created_at,
        coalesce(is_allowed, false) as is_published
    from screened
)

select * from decided
