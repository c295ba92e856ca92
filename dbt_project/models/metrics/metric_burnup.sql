with

scope_spans as (
    select * from {{ ref('int_project_task_scope_spans') }}
),

closed_spans as (
    select * from {{ ref('int_task_closed_spans') }}
    where span_value = 'closed'
),

points_spans as (
    select * from {{ ref('int_task_points_spans') }}
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
    where period = 'week'
),

-- Times for which a task is closed in the scope of a project.
closed_in_scope as (
    select
        scope_spans.project_phid,
        scope_spans.task_id,
        greatest(scope_spans.started_at, closed_spans.started_at) as started_at,
        {{ earlier_end('scope_spans.ended_at', 'closed_spans.ended_at') }} as ended_at
    from scope_spans
    inner join closed_spans
        on
            scope_spans.task_id = closed_spans.task_id
            and {{ overlap('scope_spans', 'closed_spans') }}
),

-- Times for which a task has the same points in the scope of a project. Most tasks never have any.
points_in_scope as (
    select
        scope_spans.project_phid,
        scope_spans.task_id,
        scope_spans.started_at as scope_started_at,
        points_spans.points,
        greatest(scope_spans.started_at, points_spans.started_at) as started_at,
        {{ earlier_end('scope_spans.ended_at', 'points_spans.ended_at') }} as ended_at
    from scope_spans
    inner join points_spans
        on
            scope_spans.task_id = points_spans.task_id
            and {{ overlap('scope_spans', 'points_spans') }}
),

closed_points as (
    select
        closed_in_scope.project_phid,
        points_spans.points,
        greatest(closed_in_scope.started_at, points_spans.started_at) as started_at,
        {{ earlier_end('closed_in_scope.ended_at', 'points_spans.ended_at') }} as ended_at
    from closed_in_scope
    inner join points_spans
        on
            closed_in_scope.task_id = points_spans.task_id
            and {{ overlap('closed_in_scope', 'points_spans') }}
),

-- From 3 points to 5 in the scope, 2 are added.
points_with_neighbours as (
    select
        *,
        case
            when lag(ended_at) over scope_in_order = started_at then lag(points) over scope_in_order
        end as previous_points,
        lead(started_at) over scope_in_order as next_started_at
    from points_in_scope
    window scope_in_order as (partition by project_phid, task_id, scope_started_at order by started_at)
),

points_changes as (
    select
        project_phid,
        started_at as changed_at,
        points - coalesce(previous_points, 0) as points_change
    from points_with_neighbours
    union all
    select
        project_phid,
        ended_at as changed_at,
        -points as points_change
    from points_with_neighbours
    where ended_at is not null and ended_at is distinct from next_started_at
),

changes as (
    select
        project_phid,
        started_at as changed_at,
        1 as added_tasks,
        0 as removed_tasks,
        0 as closed_tasks_change,
        0 as added_points,
        0 as removed_points,
        0 as closed_points_change
    from scope_spans
    union all
    select
        project_phid,
        ended_at as changed_at,
        0 as added_tasks,
        1 as removed_tasks,
        0 as closed_tasks_change,
        0 as added_points,
        0 as removed_points,
        0 as closed_points_change
    from scope_spans
    where ended_at is not null
    union all
    select
        project_phid,
        started_at as changed_at,
        0 as added_tasks,
        0 as removed_tasks,
        1 as closed_tasks_change,
        0 as added_points,
        0 as removed_points,
        0 as closed_points_change
    from closed_in_scope
    union all
    select
        project_phid,
        ended_at as changed_at,
        0 as added_tasks,
        0 as removed_tasks,
        -1 as closed_tasks_change,
        0 as added_points,
        0 as removed_points,
        0 as closed_points_change
    from closed_in_scope
    where ended_at is not null
    union all
    select
        project_phid,
        changed_at,
        0 as added_tasks,
        0 as removed_tasks,
        0 as closed_tasks_change,
        greatest(points_change, 0) as added_points,
        greatest(-points_change, 0) as removed_points,
        0 as closed_points_change
    from points_changes
    union all
    select
        project_phid,
        started_at as changed_at,
        0 as added_tasks,
        0 as removed_tasks,
        0 as closed_tasks_change,
        0 as added_points,
        0 as removed_points,
        points as closed_points_change
    from closed_points
    union all
    select
        project_phid,
        ended_at as changed_at,
        0 as added_tasks,
        0 as removed_tasks,
        0 as closed_tasks_change,
        0 as added_points,
        0 as removed_points,
        -points as closed_points_change
    from closed_points
    where ended_at is not null
),

changes_in_weeks as (
    select
        project_phid,
        {{ period_start("'week'", 'changed_at') }} as period_started_date,
        added_tasks,
        removed_tasks,
        closed_tasks_change,
        added_points,
        removed_points,
        closed_points_change
    from changes
    union all
    select
        project_phid,
        period_started_date,
        0 as added_tasks,
        0 as removed_tasks,
        0 as closed_tasks_change,
        0 as added_points,
        0 as removed_points,
        0 as closed_points_change
    from project_periods
),

weeks as (
    select
        project_phid,
        period_started_date,
        sum(added_tasks) as added_tasks,
        sum(removed_tasks) as removed_tasks,
        sum(closed_tasks_change) as closed_tasks_change,
        sum(added_points) as added_points,
        sum(removed_points) as removed_points,
        sum(closed_points_change) as closed_points_change
    from changes_in_weeks
    group by project_phid, period_started_date
),

weeks_added_up as (
    select
        *,
        sum(added_tasks - removed_tasks) over (
            partition by project_phid order by period_started_date
            rows between unbounded preceding and current row
        ) as scope_tasks,
        sum(closed_tasks_change) over (
            partition by project_phid order by period_started_date
            rows between unbounded preceding and current row
        ) as closed_tasks,
        sum(added_points - removed_points) over (
            partition by project_phid order by period_started_date
            rows between unbounded preceding and current row
        ) as scope_points,
        sum(closed_points_change) over (
            partition by project_phid order by period_started_date
            rows between unbounded preceding and current row
        ) as closed_points
    from weeks
),

burnup as (
    select
        project_phid,
        'week' as period,
        period_started_date,
        cast(scope_tasks as bigint) as scope_tasks_count,
        cast(closed_tasks as bigint) as scope_closed_tasks_count,
        cast(added_tasks as bigint) as scope_added_tasks_count,
        cast(removed_tasks as bigint) as scope_removed_tasks_count,
        {{ without_dust('scope_points') }} as scope_points,
        {{ without_dust('closed_points') }} as scope_closed_points,
        {{ without_dust('added_points') }} as scope_added_points,
        {{ without_dust('removed_points') }} as scope_removed_points
    from weeks_added_up
)

select * from burnup
