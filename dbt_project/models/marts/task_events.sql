with

events as (
    select * from {{ ref('int_task_events_normalised') }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
),

-- What may not be published about the other object of an event: a project, a board, another task.
screened_objects as (
    select
        task_phid as object_phid,
        is_published
    from screened_tasks
    union all
    select
        project_phid as object_phid,
        is_published
    from screened_projects
),

screened_events as (
    select
        events.task_id,
        events.transaction_id,
        events.event_index,
        events.event_type,
        events.actor_phid,
        events.board_phid,
        events.object_phid,
        events.field_name,
        case when {{ may_show_values('events') }} then events.old_value end as old_value,
        case when {{ may_show_values('events') }} then events.new_value end as new_value,
        events.edit_group,
        screened_tasks.is_published
        and (
            events.event_type not in (
                'project', 'subtask', 'parent', 'subtask_status', 'mention', 'mentioned',
                'merged', 'merged_from', 'duplicate', 'duplicate_of'
            )
            -- A mention may come from a commit or a revision: of such objects nothing is known here.
            or coalesce(objects.is_published, false)
        )
        and (events.event_type != 'column' or coalesce(boards.is_published, false)) as is_published,
        events.occurred_at
    from events
    inner join screened_tasks on events.task_id = screened_tasks.task_id
    left join screened_objects as objects on events.object_phid = objects.object_phid
    left join screened_projects as boards on events.board_phid = boards.project_phid
)

select * from screened_events
