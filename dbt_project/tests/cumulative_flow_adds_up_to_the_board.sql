-- At the end, arrivals less departures of a board's columns are the tasks on it, counted from their
-- columns.
with

flow as (
    select
        *,
        row_number() over (partition by board_phid, column_phid order by flow_date desc) as place
    from {{ ref('metric_cumulative_flow') }}
),

wrong_differences as (
    select
        board_phid,
        column_phid,
        wip_count as expected_count,
        arrivals_count - departures_count as found_count
    from flow
    where wip_count != arrivals_count - departures_count
),

last_counts as (
    select
        board_phid,
        sum(wip_count) as found_count
    from flow
    where place = 1
    group by board_phid
),

-- Tasks that are in a column now. Closed ones count too: the flow has them in 'closed'.
tasks_on_boards as (
    select
        column_spans.board_phid,
        count(*) as expected_count
    from {{ ref('int_task_column_spans') }} as column_spans
    inner join {{ ref('tasks') }} as tasks
        on column_spans.task_id = tasks.task_id and tasks.is_published
    inner join {{ ref('projects') }} as projects
        on column_spans.board_phid = projects.project_phid and projects.is_published
    left join {{ ref('project_columns') }} as board_columns
        on column_spans.span_value = board_columns.column_phid
    left join {{ ref('int_project_subtypes_excluded') }} as excluded_subtypes
        on
            column_spans.board_phid = excluded_subtypes.project_phid
            and tasks.subtype = excluded_subtypes.subtype
    where
        column_spans.ended_at is null
        and excluded_subtypes.subtype is null
        and (tasks.is_closed or coalesce(board_columns.is_published, true))
    group by column_spans.board_phid
),

wrong_totals as (
    select
        last_counts.board_phid,
        cast(null as varchar) as column_phid,
        coalesce(tasks_on_boards.expected_count, 0) as expected_count,
        last_counts.found_count
    from last_counts
    left join tasks_on_boards on last_counts.board_phid = tasks_on_boards.board_phid
    where coalesce(tasks_on_boards.expected_count, 0) != last_counts.found_count
),

findings as (
    select * from wrong_differences
    union all
    select * from wrong_totals
)

select * from findings
