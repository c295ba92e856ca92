with

differences as (
    select * from {{ ref('int_task_spans_compared') }}
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

documents as (
    select * from {{ ref('stg_phabricator__tasks') }}
),

closings as (
    select * from {{ ref('int_tasks_closed') }}
),

events as (
    select * from {{ ref('int_task_events_normalised') }}
),

transactions as (
    select * from {{ ref('stg_phabricator__transactions') }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

runs as (
    select * from {{ ref('stg_phabricator__runs') }}
),

-- One row per task and kind: a project tag that is too much and one that is missing are one finding.
-- Values are named only where both the task and what the value is about may be published.
histories_that_end_elsewhere as (
    select
        differences.task_id,
        'history ends elsewhere' as finding,
        differences.span_kind || ' is ' || coalesce(min(differences.current_value), 'none') || ' now, but '
        || coalesce(min(differences.span_value), 'none') || ' by its history' as detail,
        bool_and(
            case differences.span_kind
                when 'project' then coalesce(screened_projects.is_published, false)
                when 'column'
                    then
                        coalesce(boards.is_published, false)
                        and coalesce(present_columns.is_published, false)
                        and coalesce(last_columns.is_published, differences.span_value is null)
                else true
            end
        ) as is_published
    from differences
    left join screened_projects
        on coalesce(differences.current_value, differences.span_value) = screened_projects.project_phid
    left join screened_projects as boards on differences.board_phid = boards.project_phid
    left join board_columns as present_columns on differences.current_value = present_columns.column_phid
    left join board_columns as last_columns on differences.span_value = last_columns.column_phid
    group by differences.task_id, differences.span_kind
),

closed_at_another_time as (
    select
        documents.task_id,
        'closed at another time' as finding,
        'closed at ' || closings.last_closed_at || ' by its history, at '
        || documents.server_closed_at || ' by the server' as detail,
        true as is_published
    from documents
    inner join closings on documents.task_id = closings.task_id
    where
        closings.is_closed
        and documents.server_closed_at is not null
        and closings.last_closed_at != documents.server_closed_at
),

last_moment as (
    select max(server_time_at + (finished_at - started_at)) as last_at
    from runs
),

event_times as (
    select
        events.task_id,
        min(events.occurred_at) as first_occurred_at,
        max(events.occurred_at) as last_occurred_at
    from events
    group by events.task_id
),

-- A transaction may change nothing, such as an edge that was there before: it is history all the same.
without_history as (
    select
        tasks.task_id,
        'task without history' as finding,
        'no transaction of it is here' as detail,
        true as is_published
    from tasks
    where tasks.task_id not in (select transactions.task_id from transactions)
),

known_by_history as (
    select
        task_id,
        'task known by history only' as finding,
        'its transactions are here, but no document of it' as detail,
        true as is_published
    from tasks
    where is_told_by_history
),

-- Server clocks may differ by a little.
in_the_future as (
    select
        event_times.task_id,
        'change in the future' as finding,
        'its last change is of ' || event_times.last_occurred_at || ', after the last extraction' as detail,
        true as is_published
    from event_times
    cross join last_moment
    where event_times.last_occurred_at > last_moment.last_at + interval 5 minute
),

before_creation as (
    select
        event_times.task_id,
        'change before creation' as finding,
        'its first change is of ' || event_times.first_occurred_at || ', before it was created at '
        || tasks.created_at as detail,
        true as is_published
    from event_times
    inner join tasks on event_times.task_id = tasks.task_id
    where event_times.first_occurred_at < tasks.created_at
),

findings as (
    select * from histories_that_end_elsewhere
    union all
    select * from closed_at_another_time
    union all
    select * from without_history
    union all
    select * from known_by_history
    union all
    select * from in_the_future
    union all
    select * from before_creation
),

screened_findings as (
    select
        findings.finding,
        'task' as object_kind,
        cast(findings.task_id as varchar) as object_key,
        findings.task_id,
        'T' || findings.task_id || ': ' || findings.detail as detail,
        findings.is_published and coalesce(screened_tasks.is_published, false) as is_published
    from findings
    left join screened_tasks on findings.task_id = screened_tasks.task_id
)

select * from screened_findings
