{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ make_room(is_of_changed_task()) }}"
) }}
with

events as (
    select * from {{ ref('int_task_events_normalised') }}
    where {{ is_of_changed_task() }}
),

project_spans as (
    select * from {{ ref('int_task_project_spans') }}
    where {{ is_of_changed_task() }}
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

default_columns as (
    select
        project_phid as board_phid,
        min(column_phid) as column_phid,
        min(created_at) as created_at
    from board_columns
    where is_default
    group by project_phid
),

milestone_columns as (
    select
        proxy_project_phid as milestone_phid,
        project_phid as board_phid,
        min(column_phid) as column_phid
    from board_columns
    where is_milestone_column
    group by proxy_project_phid, project_phid
),

-- Moves into the column of a milestone are left to the milestone's tag, which comes with them.
moves as (
    select
        events.task_id,
        events.board_phid,
        events.effective_at as changed_at,
        events.transaction_id,
        events.event_index,
        events.new_value as to_column_phid,
        case
            when not coalesce(old_columns.is_milestone_column, false) then events.old_value
        end as from_column_phid
    from events
    left join board_columns as new_columns on events.new_value = new_columns.column_phid
    left join board_columns as old_columns on events.old_value = old_columns.column_phid
    where
        events.event_type = 'column'
        and events.board_phid is not null
        and events.new_value is not null
        and not coalesce(new_columns.is_milestone_column, false)
),

ranked_moves as (
    select
        *,
        row_number() over (
            partition by task_id, board_phid order by changed_at, transaction_id, event_index
        ) as move_number,
        row_number() over (
            partition by task_id, board_phid, changed_at order by transaction_id desc, event_index desc
        ) as number_from_last_in_second
    from moves
),

tags_of_boards as (
    select
        task_id,
        project_phid as board_phid,
        cast(null as varchar) as milestone_column_phid,
        started_at,
        ended_at
    from project_spans
),

tags_of_milestones as (
    select
        project_spans.task_id,
        milestone_columns.board_phid,
        milestone_columns.milestone_phid,
        milestone_columns.column_phid as milestone_column_phid,
        project_spans.started_at,
        project_spans.ended_at
    from project_spans
    inner join milestone_columns on project_spans.project_phid = milestone_columns.milestone_phid
),

tags as (
    select * from tags_of_boards
    union all
    select
        task_id,
        board_phid,
        milestone_column_phid,
        started_at,
        ended_at
    from tags_of_milestones
),

boards_of_tasks as (
    select distinct
        task_id,
        board_phid
    from tags
),

-- Before its first move a task is in the column that it was then moved from, or in the default one of
-- the board.
starting_columns as (
    select
        boards_of_tasks.task_id,
        boards_of_tasks.board_phid,
        coalesce(first_moves.from_column_phid, default_columns.column_phid) as column_phid,
        case
            when
                first_moves.from_column_phid is null
                or first_moves.from_column_phid = default_columns.column_phid
                then default_columns.created_at
        end as created_at
    from boards_of_tasks
    left join ranked_moves as first_moves
        on
            boards_of_tasks.task_id = first_moves.task_id
            and boards_of_tasks.board_phid = first_moves.board_phid
            and first_moves.move_number = 1
    left join default_columns on boards_of_tasks.board_phid = default_columns.board_phid
),

-- Everything that can change the column of a task on a board: tags of the board's project and of its
-- milestones that begin or end, moves, and the day on which the board was made, for tasks that were
-- tagged before.
steps as (
    select
        task_id,
        board_phid,
        started_at as changed_at,
        case when milestone_column_phid is null then 1 else 0 end as tags_change,
        cast(null as varchar) as to_column_phid
    from tags
    union all
    select
        task_id,
        board_phid,
        ended_at as changed_at,
        case when milestone_column_phid is null then -1 else 0 end as tags_change,
        cast(null as varchar) as to_column_phid
    from tags
    where ended_at is not null
    union all
    select
        task_id,
        board_phid,
        changed_at,
        0 as tags_change,
        to_column_phid
    from ranked_moves
    where number_from_last_in_second = 1
    union all
    select
        starting_columns.task_id,
        starting_columns.board_phid,
        starting_columns.created_at as changed_at,
        0 as tags_change,
        cast(null as varchar) as to_column_phid
    from starting_columns
    inner join tags
        on starting_columns.task_id = tags.task_id and starting_columns.board_phid = tags.board_phid
    where starting_columns.created_at > tags.started_at
),

seconds as (
    select
        task_id,
        board_phid,
        changed_at,
        sum(tags_change) as tags_change,
        max(to_column_phid) as to_column_phid
    from steps
    group by task_id, board_phid, changed_at
),

-- Servers let a task have one milestone of a project at a time. Where two remain, the last one counts.
milestones_of_seconds as (
    select
        seconds.task_id,
        seconds.board_phid,
        seconds.changed_at,
        tags_of_milestones.milestone_column_phid,
        row_number() over (
            partition by seconds.task_id, seconds.board_phid, seconds.changed_at
            order by tags_of_milestones.started_at desc, tags_of_milestones.milestone_phid desc
        ) as number_from_last
    from seconds
    inner join tags_of_milestones
        on
            seconds.task_id = tags_of_milestones.task_id
            and seconds.board_phid = tags_of_milestones.board_phid
            and seconds.changed_at >= tags_of_milestones.started_at
            and (tags_of_milestones.ended_at is null or seconds.changed_at < tags_of_milestones.ended_at)
),

-- Positions outlive tags: a task that comes back to a board, or out of a milestone, is where it was
-- before.
positions as (
    select
        task_id,
        board_phid,
        changed_at,
        sum(tags_change) over (
            partition by task_id, board_phid order by changed_at
            rows between unbounded preceding and current row
        ) as tags_count,
        {{ last_known('to_column_phid', 'task_id, board_phid', 'changed_at') }}
            as moved_to_column_phid
    from seconds
),

changes as (
    select
        positions.task_id,
        positions.board_phid,
        positions.changed_at,
        cast(0 as bigint) as transaction_id,
        0 as event_index,
        case
            when milestones.milestone_column_phid is not null then milestones.milestone_column_phid
            when positions.tags_count > 0 and positions.moved_to_column_phid is not null
                then positions.moved_to_column_phid
            when
                positions.tags_count > 0
                and coalesce(starting_columns.created_at <= positions.changed_at, true)
                then starting_columns.column_phid
        end as span_value
    from positions
    left join starting_columns
        on
            positions.task_id = starting_columns.task_id
            and positions.board_phid = starting_columns.board_phid
    left join milestones_of_seconds as milestones
        on
            positions.task_id = milestones.task_id
            and positions.board_phid = milestones.board_phid
            and positions.changed_at = milestones.changed_at
            and milestones.number_from_last = 1
),
{{ spans_of('changes', 'task_id, board_phid') }}

select * from spans
