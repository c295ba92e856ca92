with

tags as (
    select * from {{ ref('stg_phabricator__task_projects') }}
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

project_spans as (
    select * from {{ ref('int_task_project_spans') }}
),

tags_of_server as (
    select
        tags.task_id,
        tags.project_phid
    from tags
    inner join tasks on tags.task_id = tasks.task_id and not tasks.is_told_by_history
),

tags_of_history as (
    select
        project_spans.task_id,
        project_spans.project_phid
    from project_spans
    inner join tasks on project_spans.task_id = tasks.task_id and tasks.is_told_by_history
    where project_spans.ended_at is null
),

all_tags as (
    select * from tags_of_server
    union all
    select * from tags_of_history
)

select * from all_tags
