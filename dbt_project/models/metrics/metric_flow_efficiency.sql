with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
    where cycle_time_days is not null
),

role_spans as (
    select * from {{ ref('int_task_role_spans') }}
),

counted_boards as (
    select * from {{ ref('int_project_boards_counted') }}
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
    where period in ('week', 'month')
),

spans_of_statuses as (
    select
        project_tasks.project_phid,
        project_tasks.task_id,
        case role_spans.span_role when 'waiting' then 1 else 0 end as status_waits,
        case role_spans.span_role when 'waiting' then 0 else 1 end as status_progresses,
        0 as columns_waiting,
        0 as columns_progressing,
        greatest(role_spans.started_at, project_tasks.started_at) as started_at,
        least(coalesce(role_spans.ended_at, project_tasks.closed_at), project_tasks.closed_at) as ended_at
    from project_tasks
    inner join role_spans on project_tasks.task_id = role_spans.task_id
    where role_spans.board_phid is null
),

spans_of_columns as (
    select
        project_tasks.project_phid,
        project_tasks.task_id,
        0 as status_waits,
        0 as status_progresses,
        case role_spans.span_role when 'waiting' then 1 else 0 end as columns_waiting,
        case role_spans.span_role when 'waiting' then 0 else 1 end as columns_progressing,
        greatest(role_spans.started_at, project_tasks.started_at) as started_at,
        least(coalesce(role_spans.ended_at, project_tasks.closed_at), project_tasks.closed_at) as ended_at
    from role_spans
    inner join counted_boards on role_spans.board_phid = counted_boards.board_phid
    inner join project_tasks
        on
            role_spans.task_id = project_tasks.task_id
            and counted_boards.project_phid = project_tasks.project_phid
),

spans as (
    select * from spans_of_statuses
    where started_at < ended_at
    union all
    select * from spans_of_columns
    where started_at < ended_at
),

changes as (
    select
        project_phid,
        task_id,
        started_at as changed_at,
        status_waits,
        status_progresses,
        columns_waiting,
        columns_progressing
    from spans
    union all
    select
        project_phid,
        task_id,
        ended_at as changed_at,
        -status_waits as status_waits,
        -status_progresses as status_progresses,
        -columns_waiting as columns_waiting,
        -columns_progressing as columns_progressing
    from spans
),

moments as (
    select
        project_phid,
        task_id,
        changed_at,
        sum(status_waits) as status_waits,
        sum(status_progresses) as status_progresses,
        sum(columns_waiting) as columns_waiting,
        sum(columns_progressing) as columns_progressing
    from changes
    group by project_phid, task_id, changed_at
),

states as (
    select
        project_phid,
        task_id,
        changed_at as started_at,
        lead(changed_at) over task_in_order as ended_at,
        sum(status_waits) over task_in_order as status_waits,
        sum(status_progresses) over task_in_order as status_progresses,
        sum(columns_waiting) over task_in_order as columns_waiting,
        sum(columns_progressing) over task_in_order as columns_progressing
    from moments
    window task_in_order as (partition by project_phid, task_id order by changed_at)
),

-- A status that waits goes before all, for somebody set it. Work that is in progress on one board goes on,
-- although another board may be waiting for it; the column on a board says more than the status.
judged_states as (
    select
        project_phid,
        task_id,
        {{ days_between('started_at', 'ended_at') }} as state_days,
        case
            when status_waits > 0 then 'waiting'
            when columns_progressing > 0 then 'active'
            when columns_waiting > 0 then 'waiting'
            when status_progresses > 0 then 'active'
        end as activity
    from states
    where ended_at is not null
),

times_of_tasks as (
    select
        project_phid,
        task_id,
        {{ total_days("case when activity = 'active' then state_days else 0 end") }} as active_days,
        {{ total_days("case when activity = 'waiting' then state_days else 0 end") }} as waiting_days
    from judged_states
    group by project_phid, task_id
),

kinds as (
    select distinct period
    from project_periods
),

finished_tasks as (
    select
        project_tasks.project_phid,
        kinds.period,
        {{ period_of_date('kinds.period', 'project_tasks.closed_date') }} as period_started_date,
        1 as finished_tasks_count,
        project_tasks.cycle_time_days,
        coalesce(times_of_tasks.active_days, 0) as active_days,
        coalesce(times_of_tasks.waiting_days, 0) as waiting_days
    from project_tasks
    cross join kinds
    left join times_of_tasks
        on
            project_tasks.project_phid = times_of_tasks.project_phid
            and project_tasks.task_id = times_of_tasks.task_id
),

-- So that periods in which nothing was finished are there, with 0 tasks.
finished_tasks_and_periods as (
    select * from finished_tasks
    union all
    select
        project_phid,
        period,
        period_started_date,
        0 as finished_tasks_count,
        0 as cycle_time_days,
        0 as active_days,
        0 as waiting_days
    from project_periods
),

flow_efficiency as (
    select
        project_phid,
        period,
        period_started_date,
        cast(sum(finished_tasks_count) as bigint) as finished_tasks_count,
        {{ total_days('cycle_time_days') }} as cycle_time_total_days,
        {{ total_days('active_days') }} as active_total_days,
        {{ total_days('waiting_days') }} as waiting_total_days,
        {{ total_days('active_days') }} / nullif({{ total_days('cycle_time_days') }}, 0)
            as flow_efficiency_share,
        {{ percentile('active_days / nullif(cycle_time_days, 0)', 0.5) }} as flow_efficiency_p50_share
    from finished_tasks_and_periods
    group by project_phid, period, period_started_date
)

select * from flow_efficiency
