-- What was destroyed or hidden leaves the house no more: a task with everything about it, a project or column
-- with its name and its past, a user with the name.
with

gone_objects as (
    select * from {{ ref('int_objects_gone') }}
),

tasks as (
    select * from {{ ref('stg_phabricator__tasks') }}
),

gone_phids as (
    select object_key
    from gone_objects
    where stream in ('projects', 'columns', 'users')
    union all
    select tasks.task_phid as object_key
    from gone_objects
    inner join tasks
        on gone_objects.stream = 'tasks' and gone_objects.object_key = cast(tasks.task_id as varchar)
),

task_ids_in_marts as (
    select distinct
        'tasks' as model_name,
        cast(task_id as varchar) as object_key
    from {{ ref('tasks') }}
    union all
    select distinct
        'task_events' as model_name,
        cast(task_id as varchar) as object_key
    from {{ ref('task_events') }}
    union all
    select distinct
        'task_spans' as model_name,
        cast(task_id as varchar) as object_key
    from {{ ref('task_spans') }}
    union all
    select distinct
        'task_projects' as model_name,
        cast(task_id as varchar) as object_key
    from {{ ref('task_projects') }}
    union all
    select distinct
        'project_tasks' as model_name,
        cast(task_id as varchar) as object_key
    from {{ ref('project_tasks') }}
),

phids_published as (
    select distinct
        'projects' as model_name,
        project_phid as object_key
    from {{ ref('projects') }}
    where is_published
    union all
    select distinct
        'project_columns' as model_name,
        column_phid as object_key
    from {{ ref('project_columns') }}
    where is_published
    union all
    select distinct
        'project_columns' as model_name,
        project_phid as object_key
    from {{ ref('project_columns') }}
    where is_published
    union all
    select distinct
        'task_projects' as model_name,
        project_phid as object_key
    from {{ ref('task_projects') }}
    where is_published
    union all
    select distinct
        'project_tasks' as model_name,
        project_phid as object_key
    from {{ ref('project_tasks') }}
    where is_published
    union all
    select distinct
        'task_events' as model_name,
        object_phid as object_key
    from {{ ref('task_events') }}
    where is_published and event_type != 'subscribers'
    union all
    select distinct
        'task_events' as model_name,
        board_phid as object_key
    from {{ ref('task_events') }}
    where is_published
    union all
    select distinct
        'task_spans' as model_name,
        span_value as object_key
    from {{ ref('task_spans') }}
    where is_published and span_kind in ('project', 'column')
    union all
    select distinct
        'task_spans' as model_name,
        board_phid as object_key
    from {{ ref('task_spans') }}
    where is_published
    union all
    select distinct
        'metric_throughput' as model_name,
        project_phid as object_key
    from {{ ref('metric_throughput') }}
    union all
    select distinct
        'metric_cumulative_flow' as model_name,
        board_phid as object_key
    from {{ ref('metric_cumulative_flow') }}
    union all
    select distinct
        'metric_cumulative_flow' as model_name,
        column_phid as object_key
    from {{ ref('metric_cumulative_flow') }}
    union all
    select distinct
        'users' as model_name,
        user_phid as object_key
    from {{ ref('users') }}
    where is_published
),

findings as (
    select task_ids_in_marts.*
    from task_ids_in_marts
    inner join gone_objects
        on task_ids_in_marts.object_key = gone_objects.object_key and gone_objects.stream = 'tasks'
    union all
    select phids_published.*
    from phids_published
    inner join gone_phids on phids_published.object_key = gone_phids.object_key
)

select * from findings
