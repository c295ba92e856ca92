with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

events as (
    select * from {{ ref('task_events') }}
    where is_published
),

ancestors as (
    select * from {{ ref('int_project_ancestors_resolved') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
    where is_published
),

created as (
    select
        project_phid,
        {{ period_of_date("'month'", 'created_date') }} as period_started_date,
        count(*) as created_tasks_count
    from project_tasks
    group by project_phid, {{ period_of_date("'month'", 'created_date') }}
),

closed as (
    select
        project_phid,
        {{ period_of_date("'month'", 'closed_date') }} as period_started_date,
        count(*) as closed_tasks_count
    from project_tasks
    where closed_at is not null
    group by project_phid, {{ period_of_date("'month'", 'closed_date') }}
),

-- A task that changes its place within a column is not moved.
dated_events as (
    select
        task_id,
        actor_phid,
        case when event_type = 'column' and new_value != coalesce(old_value, '') then board_phid end
            as moved_on_board_phid,
        {{ period_start("'month'", 'occurred_at') }} as period_started_date
    from events
),

-- Events are many, who did how much to a task in a month is few.
acts as (
    select
        task_id,
        period_started_date,
        case when actor_phid like 'PHID-USER-%' then actor_phid end as person_phid,
        count(*) as events_count
    from dated_events
    group by task_id, period_started_date, case when actor_phid like 'PHID-USER-%' then actor_phid end
),

acts_on_projects as (
    select
        project_tasks.project_phid,
        acts.period_started_date,
        acts.person_phid,
        sum(acts.events_count) as events_count
    from acts
    inner join project_tasks on acts.task_id = project_tasks.task_id
    group by project_tasks.project_phid, acts.period_started_date, acts.person_phid
),

active as (
    select
        project_phid,
        period_started_date,
        sum(events_count) as events_count,
        count(person_phid) as active_people_count
    from acts_on_projects
    group by project_phid, period_started_date
),

moves as (
    select
        moved_on_board_phid as board_phid,
        period_started_date,
        count(*) as moves_count
    from dated_events
    where moved_on_board_phid is not null
    group by moved_on_board_phid, period_started_date
),

moves_of_projects as (
    select
        ancestors.ancestor_phid as project_phid,
        moves.period_started_date,
        moves.moves_count
    from moves
    inner join ancestors on moves.board_phid = ancestors.project_phid
    inner join screened_projects on ancestors.ancestor_phid = screened_projects.project_phid
    union all
    select
        'all' as project_phid,
        period_started_date,
        moves_count
    from moves
),

moved as (
    select
        project_phid,
        period_started_date,
        sum(moves_count) as moves_count
    from moves_of_projects
    group by project_phid, period_started_date
),

figures as (
    select
        project_phid,
        period_started_date,
        created_tasks_count,
        0 as closed_tasks_count,
        0 as column_moves_count,
        0 as events_count,
        0 as active_people_count
    from created
    union all
    select
        project_phid,
        period_started_date,
        0 as created_tasks_count,
        closed_tasks_count,
        0 as column_moves_count,
        0 as events_count,
        0 as active_people_count
    from closed
    union all
    select
        project_phid,
        period_started_date,
        0 as created_tasks_count,
        0 as closed_tasks_count,
        moves_count as column_moves_count,
        0 as events_count,
        0 as active_people_count
    from moved
    union all
    select
        project_phid,
        period_started_date,
        0 as created_tasks_count,
        0 as closed_tasks_count,
        0 as column_moves_count,
        events_count,
        active_people_count
    from active
),

months as (
    select
        project_phid,
        'month' as period,
        period_started_date,
        cast(sum(created_tasks_count) as bigint) as created_tasks_count,
        cast(sum(closed_tasks_count) as bigint) as closed_tasks_count,
        cast(sum(column_moves_count) as bigint) as column_moves_count,
        cast(sum(events_count) as bigint) as events_count,
        cast(sum(active_people_count) as bigint) as active_people_count
    from figures
    group by project_phid, period_started_date
),

active_projects as (
    select
        *,
        case
            when project_phid != 'all'
                then
                    cast(rank() over (
                        partition by period_started_date, project_phid = 'all' order by events_count desc
                    ) as bigint)
        end as activity_rank
    from months
)

select * from active_projects
