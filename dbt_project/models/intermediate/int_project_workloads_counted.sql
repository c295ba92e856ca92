with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

closed_spans as (
    select * from {{ ref('int_task_closed_spans') }}
),

value_spans as (
    select * from {{ ref('int_task_value_spans') }}
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
),

open_spans as (
    select
        task_id,
        'all' as owner_phid,
        started_at,
        ended_at
    from closed_spans
    where span_value = 'open'
),

assigned_spans as (
    select
        open_spans.task_id,
        value_spans.span_value as owner_phid,
        greatest(open_spans.started_at, value_spans.started_at) as started_at,
        case
            when value_spans.ended_at is null then open_spans.ended_at
            else least(value_spans.ended_at, coalesce(open_spans.ended_at, value_spans.ended_at))
        end as ended_at
    from open_spans
    inner join value_spans
        on
            open_spans.task_id = value_spans.task_id
            and open_spans.started_at < coalesce(value_spans.ended_at, timestamp '9999-12-31')
            and coalesce(open_spans.ended_at, timestamp '9999-12-31') > value_spans.started_at
    where value_spans.span_kind = 'owner'
),

spans as (
    select * from open_spans
    union all
    select * from assigned_spans
),

spans_by_week as (
    select
        task_id,
        owner_phid,
        ended_at,
        {{ period_start("'week'", 'started_at') }} as started_week_date,
        {{ period_start("'week'", 'ended_at') }} as ended_week_date
    from spans
),

-- What began and ended in one week is not there at its end.
lasting_spans as (
    select * from spans_by_week
    where ended_week_date is null or started_week_date < ended_week_date
),

spans_of_projects as (
    select
        project_tasks.project_phid,
        lasting_spans.owner_phid,
        lasting_spans.started_week_date,
        lasting_spans.ended_week_date,
        case
            when project_tasks.started_at < coalesce(lasting_spans.ended_at, timestamp '9999-12-31')
                then
                    greatest(
                        lasting_spans.started_week_date,
                        {{ period_of_date("'week'", 'project_tasks.started_date') }}
                    )
        end as work_started_week_date
    from lasting_spans
    inner join project_tasks on lasting_spans.task_id = project_tasks.task_id
),

changes as (
    select
        project_phid,
        owner_phid,
        started_week_date as changed_week_date,
        1 as open_change,
        0 as wip_change
    from spans_of_projects
    union all
    select
        project_phid,
        owner_phid,
        ended_week_date as changed_week_date,
        -1 as open_change,
        0 as wip_change
    from spans_of_projects
    where ended_week_date is not null
    union all
    select
        project_phid,
        owner_phid,
        work_started_week_date as changed_week_date,
        0 as open_change,
        1 as wip_change
    from spans_of_projects
    where work_started_week_date is not null
    union all
    select
        project_phid,
        owner_phid,
        ended_week_date as changed_week_date,
        0 as open_change,
        -1 as wip_change
    from spans_of_projects
    where ended_week_date is not null and work_started_week_date is not null
),

changes_by_week as (
    select
        project_phid,
        owner_phid,
        changed_week_date,
        sum(open_change) as open_change,
        sum(wip_change) as wip_change
    from changes
    group by project_phid, owner_phid, changed_week_date
),

counts_at_changes as (
    select
        project_phid,
        owner_phid,
        changed_week_date,
        sum(open_change) over (
            partition by project_phid, owner_phid order by changed_week_date
            rows between unbounded preceding and current row
        ) as open_tasks_count,
        sum(wip_change) over (
            partition by project_phid, owner_phid order by changed_week_date
            rows between unbounded preceding and current row
        ) as wip_count,
        lead(changed_week_date) over (
            partition by project_phid, owner_phid order by changed_week_date
        ) as next_week_date
    from changes_by_week
),

last_week as (
    select max(period_started_date) as last_date
    from project_periods
    where period = 'week'
),

-- A count holds until the week of the next change.
counts_by_week as (
    select
        counts_at_changes.project_phid,
        counts_at_changes.owner_phid,
        counts_at_changes.open_tasks_count,
        counts_at_changes.wip_count,
        {{ weeks_from(
            'counts_at_changes.changed_week_date',
            'coalesce(counts_at_changes.next_week_date - 7, last_week.last_date)'
        ) }} as period_started_at
    from counts_at_changes
    cross join last_week
    where counts_at_changes.open_tasks_count > 0
),

workloads as (
    select
        project_phid,
        owner_phid,
        cast(period_started_at as date) as period_started_date,
        cast(open_tasks_count as bigint) as open_tasks_count,
        cast(wip_count as bigint) as wip_count
    from counts_by_week
)

select * from workloads
