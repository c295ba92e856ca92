with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
    where project_phid = 'all'
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
    where project_phid = 'all' and period = 'month'
),

tasks as (
    select * from {{ ref('tasks') }}
),

events as (
    select * from {{ ref('task_events') }}
    where is_published
),

closed_spans as (
    select * from {{ ref('int_task_closed_spans') }}
),

value_spans as (
    select * from {{ ref('int_task_value_spans') }}
),

statuses as (
    select * from {{ ref('int_statuses_given_roles') }}
),

priorities as (
    select * from {{ ref('stg_phabricator__priorities') }}
),

users as (
    select * from {{ ref('users') }}
    where is_published
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

months as (
    select
        project_periods.period_started_date,
        case
            when project_periods.period_started_date < {{ period_start("'month'", 'extraction.as_of') }}
                then {{ start_of_local_day(next_month('project_periods.period_started_date')) }}
            else extraction.as_of
        end as observed_at
    from project_periods
    cross join extraction
),

last_month as (
    select max(period_started_date) as last_date
    from months
),

created as (
    select
        {{ period_of_date("'month'", 'project_tasks.created_date') }} as period_started_date,
        count(*) as tasks_count,
        count(distinct tasks.author_phid) as authors_count
    from project_tasks
    inner join tasks on project_tasks.task_id = tasks.task_id
    group by {{ period_of_date("'month'", 'project_tasks.created_date') }}
),

closed as (
    select
        {{ period_of_date("'month'", 'closed_date') }} as period_started_date,
        count(*) as tasks_count
    from project_tasks
    where closed_at is not null
    group by {{ period_of_date("'month'", 'closed_date') }}
),

accounts as (
    select
        {{ period_start("'month'", 'created_at') }} as period_started_date,
        count(*) as accounts_count
    from users
    group by {{ period_start("'month'", 'created_at') }}
),

-- Applications act too; they have PHIDs of another kind.
acts as (
    select
        {{ period_start("'month'", 'events.occurred_at') }} as period_started_date,
        case when events.actor_phid like 'PHID-USER-%' then events.actor_phid end as person_phid,
        case
            when events.event_type = 'column' and events.new_value != coalesce(events.old_value, '')
                then events.board_phid
        end as moved_on_board_phid,
        events.event_type = 'merged'
        or (
            events.event_type = 'status'
            and not coalesce(old_statuses.is_closed, false)
            and coalesce(new_statuses.is_closed, false)
        ) as is_closing
    from events
    left join statuses as old_statuses
        on events.event_type = 'status' and events.old_value = old_statuses.status
    left join statuses as new_statuses
        on events.event_type = 'status' and events.new_value = new_statuses.status
),

acts_by_month as (
    select
        period_started_date,
        count(distinct person_phid) as people_count,
        count(distinct case when is_closing then person_phid end) as closers_count,
        count(distinct moved_on_board_phid) as boards_count
    from acts
    group by period_started_date
),

open_spans as (
    select
        closed_spans.task_id,
        project_tasks.created_at,
        closed_spans.started_at,
        closed_spans.ended_at
    from closed_spans
    inner join project_tasks on closed_spans.task_id = project_tasks.task_id
    where closed_spans.span_value = 'open'
),

states as (
    select
        open_spans.task_id,
        open_spans.created_at,
        value_spans.span_kind,
        value_spans.span_value,
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
    where value_spans.span_kind in ('priority', 'status')
),

-- A state is there at the end of every month from that of its start up to the last one before that of
-- its end.
states_with_months as (
    select
        states.task_id,
        states.created_at,
        states.span_kind,
        states.span_value,
        {{ period_start("'month'", 'states.started_at') }} as first_date,
        coalesce(
            {{ previous_month(period_start("'month'", 'states.ended_at')) }}, last_month.last_date
        ) as last_date
    from states
    cross join last_month
),

states_by_month as (
    select
        task_id,
        created_at,
        span_kind,
        span_value,
        cast({{ months_from('first_date', 'last_date') }} as date) as period_started_date
    from states_with_months
    where first_date <= last_date
),

stalled as (
    select
        states_by_month.period_started_date,
        count(*) as tasks_count
    from states_by_month
    inner join statuses on states_by_month.span_value = statuses.status and statuses.status_role = 'waiting'
    where states_by_month.span_kind = 'status'
    group by states_by_month.period_started_date
),

-- A task whose priority nothing tells has a status all the same: all open tasks are counted by status.
ages as (
    select
        states_by_month.period_started_date,
        states_by_month.span_kind,
        coalesce(priorities.priority_name, states_by_month.span_value) as priority_name,
        cast({{ whole_number('states_by_month.span_value') }} as integer) as priority,
        greatest({{ days_between('states_by_month.created_at', 'months.observed_at') }}, 0) as age_days
    from states_by_month
    inner join months on states_by_month.period_started_date = months.period_started_date
    left join priorities
        on states_by_month.span_kind = 'priority' and states_by_month.span_value = priorities.priority
),

ages_by_priority as (
    select
        period_started_date,
        priority_name,
        priority,
        {{ percentile('age_days', 0.5) }} as age_p50_days
    from ages
    where span_kind = 'priority'
    group by period_started_date, priority_name, priority
),

ages_of_all as (
    select
        period_started_date,
        count(*) as tasks_count,
        {{ percentile('age_days', 0.5) }} as age_p50_days
    from ages
    where span_kind = 'status'
    group by period_started_date
),

figures as (
    select
        months.period_started_date,
        coalesce(created.tasks_count, 0) as created_tasks_count,
        coalesce(closed.tasks_count, 0) as closed_tasks_count,
        coalesce(acts_by_month.people_count, 0) as active_people_count,
        coalesce(created.authors_count, 0) as authors_count,
        coalesce(acts_by_month.closers_count, 0) as closers_count,
        coalesce(acts_by_month.boards_count, 0) as boards_count,
        coalesce(ages_of_all.tasks_count, 0) as open_tasks_count,
        coalesce(stalled.tasks_count, 0) as stalled_tasks_count,
        coalesce(accounts.accounts_count, 0) as accounts_count,
        ages_of_all.age_p50_days
    from months
    left join created on months.period_started_date = created.period_started_date
    left join closed on months.period_started_date = closed.period_started_date
    left join acts_by_month on months.period_started_date = acts_by_month.period_started_date
    left join ages_of_all on months.period_started_date = ages_of_all.period_started_date
    left join stalled on months.period_started_date = stalled.period_started_date
    left join accounts on months.period_started_date = accounts.period_started_date
),

statistics as (
    select
        1 as sequence,
        'created tasks' as statistic,
        'tasks' as unit
    union all
    select
        2 as sequence,
        'closed tasks' as statistic,
        'tasks' as unit
    union all
    select
        3 as sequence,
        'active people' as statistic,
        'people' as unit
    union all
    select
        4 as sequence,
        'task authors' as statistic,
        'people' as unit
    union all
    select
        5 as sequence,
        'task closers' as statistic,
        'people' as unit
    union all
    select
        6 as sequence,
        'projects with moves' as statistic,
        'projects' as unit
    union all
    select
        7 as sequence,
        'open tasks' as statistic,
        'tasks' as unit
    union all
    select
        8 as sequence,
        'stalled tasks' as statistic,
        'tasks' as unit
    union all
    select
        9 as sequence,
        'accounts created' as statistic,
        'accounts' as unit
    union all
    select
        10 as sequence,
        'median age of open tasks' as statistic,
        'days' as unit
),

long_figures as (
    select
        figures.period_started_date,
        statistics.statistic,
        'all' as priority_name,
        statistics.unit,
        cast(case statistics.sequence
            when 1 then figures.created_tasks_count
            when 2 then figures.closed_tasks_count
            when 3 then figures.active_people_count
            when 4 then figures.authors_count
            when 5 then figures.closers_count
            when 6 then figures.boards_count
            when 7 then figures.open_tasks_count
            when 8 then figures.stalled_tasks_count
            when 9 then figures.accounts_count
            when 10 then figures.age_p50_days
        end as double) as statistic_value,
        statistics.sequence,
        cast(null as integer) as priority
    from figures
    cross join statistics
    union all
    select
        ages_by_priority.period_started_date,
        statistics.statistic,
        ages_by_priority.priority_name,
        statistics.unit,
        ages_by_priority.age_p50_days as statistic_value,
        statistics.sequence,
        ages_by_priority.priority
    from ages_by_priority
    cross join statistics
    where statistics.sequence = 10
),

-- Every month has a row of each figure; of a priority that no open task had the month before is not known.
with_previous as (
    select
        figures_now.*,
        figures_before.statistic_value as previous_value
    from long_figures as figures_now
    left join long_figures as figures_before
        on
            figures_now.sequence = figures_before.sequence
            and figures_now.priority_name = figures_before.priority_name
            and coalesce(figures_now.priority, -1) = coalesce(figures_before.priority, -1)
            and {{ previous_month('figures_now.period_started_date') }} = figures_before.period_started_date
),

monthly_statistics as (
    select
        'month' as period,
        period_started_date,
        statistic,
        priority_name,
        unit,
        statistic_value,
        previous_value,
        statistic_value - previous_value as change_value,
        sequence,
        priority
    from with_previous
)

select * from monthly_statistics
