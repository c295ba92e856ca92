with

board_spans as (
    select * from {{ ref('int_task_board_spans_published') }}
),

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

value_spans as (
    select * from {{ ref('int_task_value_spans') }}
    where span_kind = 'status'
),

statuses as (
    select * from {{ ref('int_statuses_given_roles') }}
),

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

board_spans_with_neighbours as (
    select
        *,
        lag(column_phid) over task_in_order as previous_column_phid,
        lag(ended_at) over task_in_order as previous_ended_at,
        lead(started_at) over task_in_order as next_started_at
    from board_spans
    window task_in_order as (partition by task_id, board_phid order by started_at)
),

-- A task that is tagged comes from outside of the board, one that is untagged goes there.
moves as (
    select
        task_id,
        board_phid,
        case when previous_ended_at = started_at then previous_column_phid else 'outside' end as from_state,
        column_phid as to_state,
        started_at as moved_at
    from board_spans_with_neighbours
    union all
    select
        task_id,
        board_phid,
        column_phid as from_state,
        'outside' as to_state,
        ended_at as moved_at
    from board_spans_with_neighbours
    where ended_at is not null and ended_at is distinct from next_started_at
),

moves_of_tasks as (
    select
        task_id,
        board_phid,
        from_state,
        to_state,
        {{ period_start("'month'", 'moved_at') }} as period_started_date
    from moves
),

move_counts_of_tasks as (
    select
        task_id,
        board_phid,
        from_state,
        to_state,
        period_started_date,
        count(*) as transitions_count
    from moves_of_tasks
    group by task_id, board_phid, from_state, to_state, period_started_date
),

column_transitions as (
    select
        board_phid as project_phid,
        'column' as transition_kind,
        from_state,
        to_state,
        period_started_date,
        sum(transitions_count) as transitions_count,
        count(*) as tasks_count
    from move_counts_of_tasks
    group by board_phid, from_state, to_state, period_started_date
),

statuses_with_previous as (
    select
        task_id,
        lag(span_value) over (partition by task_id order by started_at) as from_state,
        span_value as to_state,
        started_at as moved_at
    from value_spans
),

changes_of_tasks as (
    select
        task_id,
        from_state,
        to_state,
        {{ period_start("'month'", 'moved_at') }} as period_started_date
    from statuses_with_previous
    where from_state is not null
),

change_counts_of_tasks as (
    select
        task_id,
        from_state,
        to_state,
        period_started_date,
        count(*) as transitions_count
    from changes_of_tasks
    group by task_id, from_state, to_state, period_started_date
),

status_transitions as (
    select
        project_tasks.project_phid,
        'status' as transition_kind,
        change_counts_of_tasks.from_state,
        change_counts_of_tasks.to_state,
        change_counts_of_tasks.period_started_date,
        sum(change_counts_of_tasks.transitions_count) as transitions_count,
        count(*) as tasks_count
    from project_tasks
    inner join change_counts_of_tasks on project_tasks.task_id = change_counts_of_tasks.task_id
    group by
        project_tasks.project_phid,
        change_counts_of_tasks.from_state,
        change_counts_of_tasks.to_state,
        change_counts_of_tasks.period_started_date
),

transitions as (
    select * from column_transitions
    union all
    select * from status_transitions
),

-- How far a state is: first by its role, then by its place on the board. Waiting is as far as in progress.
states as (
    select
        'column' as transition_kind,
        column_phid as state_key,
        column_name as state_name,
        column_role as state_role,
        sequence,
        case
            when column_role = 'to do' then 1
            when column_role in ('in progress', 'waiting') then 2
            when column_role = 'done' then 3
        end as progress
    from board_columns
    union all
    select
        'status' as transition_kind,
        status as state_key,
        status_name as state_name,
        status_role as state_role,
        cast(null as integer) as sequence,
        case
            when status_role = 'to do' then 1
            when status_role in ('in progress', 'waiting') then 2
            when status_role = 'done' then 3
        end as progress
    from statuses
    union all
    select
        'column' as transition_kind,
        'closed' as state_key,
        'Closed' as state_name,
        'done' as state_role,
        cast(null as integer) as sequence,
        4 as progress
    union all
    select
        'column' as transition_kind,
        'outside' as state_key,
        'Outside of the board' as state_name,
        cast(null as varchar) as state_role,
        cast(null as integer) as sequence,
        cast(null as integer) as progress
),

named_transitions as (
    select
        transitions.project_phid,
        transitions.transition_kind,
        transitions.from_state,
        transitions.to_state,
        'month' as period,
        transitions.period_started_date,
        coalesce(
            from_states.state_name,
            case transitions.transition_kind
                when 'column' then 'Column that is no longer there'
                else transitions.from_state
            end
        ) as from_name,
        coalesce(
            to_states.state_name,
            case transitions.transition_kind
                when 'column' then 'Column that is no longer there'
                else transitions.to_state
            end
        ) as to_name,
        from_states.state_role as from_role,
        to_states.state_role as to_role,
        from_states.sequence as from_sequence,
        to_states.sequence as to_sequence,
        cast(transitions.transitions_count as bigint) as transitions_count,
        transitions.tasks_count,
        case
            when transitions.from_state = 'outside' or transitions.to_state = 'outside' then false
            when from_states.state_key = 'closed' then true
            when to_states.state_key = 'closed' then false
            when from_states.progress != to_states.progress then to_states.progress < from_states.progress
            when transitions.transition_kind = 'column' then to_states.sequence < from_states.sequence
            when from_states.progress = to_states.progress then false
        end as is_backward
    from transitions
    left join states as from_states
        on
            transitions.transition_kind = from_states.transition_kind
            and transitions.from_state = from_states.state_key
    left join states as to_states
        on
            transitions.transition_kind = to_states.transition_kind
            and transitions.to_state = to_states.state_key
)

select * from named_transitions
