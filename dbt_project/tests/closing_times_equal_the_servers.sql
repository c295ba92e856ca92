-- The server keeps the time of a task's last closing itself, since 2017: history must give the same.
{{ config(severity='warn') }}

with

server_tasks as (
    select * from {{ ref('stg_phabricator__tasks') }}
),

tasks as (
    select * from {{ ref('tasks') }}
),

differences as (
    select
        tasks.task_id,
        tasks.last_closed_at,
        server_tasks.server_closed_at
    from tasks
    inner join server_tasks on tasks.task_id = server_tasks.task_id
    where
        tasks.is_closed
        and server_tasks.server_closed_at is not null
        and tasks.last_closed_at is distinct from server_tasks.server_closed_at
)

select * from differences
