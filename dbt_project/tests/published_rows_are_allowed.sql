-- No row may leave the house whose task, project, board or space is not allowed to.
with

tasks as (
    select * from {{ ref('tasks') }}
),

projects as (
    select * from {{ ref('projects') }}
),

spaces as (
    select * from {{ ref('int_spaces_screened') }}
),

rows_marked_as_published as (
    select
        'tasks' as model_name,
        task_id,
        cast(null as varchar) as project_phid
    from tasks
    where is_published
    union all
    select
        'projects' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from projects
    where is_published
    union all
    select
        'project_columns' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('project_columns') }}
    where is_published
    union all
    select
        'task_projects' as model_name,
        task_id,
        project_phid
    from {{ ref('task_projects') }}
    where is_published
    union all
    select
        'project_tasks' as model_name,
        task_id,
        project_phid
    from {{ ref('project_tasks') }}
    where is_published
    union all
    select
        'task_events' as model_name,
        task_id,
        case event_type when 'project' then object_phid when 'column' then board_phid end as project_phid
    from {{ ref('task_events') }}
    where is_published
    union all
    select
        'task_spans' as model_name,
        task_id,
        case span_kind when 'project' then span_value when 'column' then board_phid end as project_phid
    from {{ ref('task_spans') }}
    where is_published
    union all
    select
        'data_quality' as model_name,
        task_id,
        cast(null as varchar) as project_phid
    from {{ ref('data_quality') }}
    where is_published
    union all
    select
        'metric_throughput' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_throughput') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_service_level' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_service_level') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_forecast_how_many' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_forecast_how_many') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_forecast_when' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_forecast_when') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_forecast_backtest' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_forecast_backtest') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_littles_law' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_littles_law') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_active_projects' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_active_projects') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_coincident_projects' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_coincident_projects') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_workload' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_workload') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_workload_by_person' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_workload_by_person') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_milestones' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_milestones') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_milestones' as model_name,
        cast(null as bigint) as task_id,
        parent_project_phid as project_phid
    from {{ ref('metric_milestones') }}
    where parent_project_phid != 'all'
    union all
    select distinct
        'metric_wip' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_wip') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_net_flow' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_net_flow') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_reopen_rate' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_reopen_rate') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_work_item_age' as model_name,
        task_id,
        nullif(project_phid, 'all') as project_phid
    from {{ ref('metric_work_item_age') }}
    union all
    select distinct
        'metric_open_task_age' as model_name,
        oldest_task_id as task_id,
        nullif(project_phid, 'all') as project_phid
    from {{ ref('metric_open_task_age') }}
    union all
    select distinct
        'metric_burnup' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_burnup') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_time_in_status' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_time_in_status') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_time_in_column' as model_name,
        cast(null as bigint) as task_id,
        board_phid as project_phid
    from {{ ref('metric_time_in_column') }}
    union all
    select distinct
        'metric_age_at_column_exit' as model_name,
        cast(null as bigint) as task_id,
        board_phid as project_phid
    from {{ ref('metric_age_at_column_exit') }}
    union all
    select distinct
        'metric_flow_efficiency' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_flow_efficiency') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_board_progression' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_board_progression') }}
    where project_phid != 'all'
    union all
    select distinct
        'metric_blocked_time' as model_name,
        cast(null as bigint) as task_id,
        project_phid
    from {{ ref('metric_blocked_time') }}
    where project_phid != 'all'
    union all
    select
        'metric_cumulative_flow' as model_name,
        cast(null as bigint) as task_id,
        board_phid as project_phid
    from {{ ref('metric_cumulative_flow') }}
),

not_allowed as (
    select
        rows_marked_as_published.model_name,
        rows_marked_as_published.task_id,
        rows_marked_as_published.project_phid
    from rows_marked_as_published
    left join tasks on rows_marked_as_published.task_id = tasks.task_id
    left join projects on rows_marked_as_published.project_phid = projects.project_phid
    left join spaces on tasks.space_phid = spaces.space_phid
    where
        (
            rows_marked_as_published.task_id is not null
            and (
                not coalesce({{ is_allowed_policy('tasks.view_policy') }}, false)
                or spaces.space_phid is distinct from tasks.space_phid
            )
        )
        or (
            rows_marked_as_published.project_phid is not null
            and not coalesce({{ is_allowed_policy("coalesce(projects.view_policy, 'unknown')") }}, false)
        )
)

select * from not_allowed
