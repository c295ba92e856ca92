with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

column_spans as (
    select * from {{ ref('int_task_column_spans') }}
    where ended_at is null
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

statuses as (
    select * from {{ ref('int_statuses_given_roles') }}
),

service_levels as (
    select * from {{ ref('metric_service_level') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

-- What can be expected now is what could be promised this Monday.
expectations as (
    select
        service_levels.project_phid,
        service_levels.expected_cycle_time_days
    from service_levels
    cross join extraction
    where
        service_levels.period = 'week'
        and service_levels.period_started_date = {{ period_start("'week'", 'extraction.as_of') }}
),

-- Finished tasks and those in progress on one line, by how long they took or are taking.
durations as (
    select
        project_phid,
        cast(null as bigint) as task_id,
        cycle_time_days as elapsed_days,
        1 as finished_tasks_count
    from project_tasks
    where cycle_time_days is not null
    union all
    select
        project_tasks.project_phid,
        project_tasks.task_id,
        greatest({{ days_between('project_tasks.started_at', 'extraction.as_of') }}, 0) as elapsed_days,
        0 as finished_tasks_count
    from project_tasks
    cross join extraction
    where project_tasks.started_at is not null and not project_tasks.is_closed
),

ranked as (
    select
        project_phid,
        task_id,
        elapsed_days,
        sum(finished_tasks_count) over (
            partition by project_phid order by elapsed_days
            range between unbounded preceding and current row
        ) as no_longer_count,
        sum(finished_tasks_count) over (partition by project_phid) as finished_count
    from durations
),

work_item_age as (
    select
        ranked.project_phid,
        ranked.task_id,
        board_columns.column_phid,
        board_columns.column_name,
        board_columns.column_role,
        tasks.status,
        tasks.status_name,
        statuses.status_role,
        project_tasks.subtype,
        project_tasks.priority_name,
        board_columns.sequence,
        ranked.elapsed_days as work_item_age_days,
        cast(ranked.no_longer_count as double) / nullif(ranked.finished_count, 0) as quicker_tasks_share,
        expectations.expected_cycle_time_days,
        {{ without_dust('ranked.elapsed_days') }}
        > {{ without_dust('expectations.expected_cycle_time_days') }} as is_beyond_expectation,
        project_tasks.started_at
    from ranked
    inner join project_tasks
        on ranked.project_phid = project_tasks.project_phid and ranked.task_id = project_tasks.task_id
    inner join tasks on ranked.task_id = tasks.task_id
    left join expectations on ranked.project_phid = expectations.project_phid
    left join statuses on tasks.status = statuses.status
    left join column_spans
        on ranked.task_id = column_spans.task_id and ranked.project_phid = column_spans.board_phid
    left join board_columns
        on column_spans.span_value = board_columns.column_phid and board_columns.is_published
)

select * from work_item_age
