-- Moves between the columns of a board are the arrivals and departures of its cumulative flow.
with

moves as (
    select
        project_phid as board_phid,
        to_state as column_phid,
        transitions_count as arrivals_count,
        0 as departures_count
    from {{ ref('metric_board_progression') }}
    where transition_kind = 'column'
    union all
    select
        project_phid as board_phid,
        from_state as column_phid,
        0 as arrivals_count,
        transitions_count as departures_count
    from {{ ref('metric_board_progression') }}
    where transition_kind = 'column'
),

expected as (
    select
        board_phid,
        column_phid,
        sum(arrivals_count) as arrivals_count,
        sum(departures_count) as departures_count
    from moves
    where column_phid != 'outside'
    group by board_phid, column_phid
),

found as (
    select
        board_phid,
        column_phid,
        max(arrivals_count) as arrivals_count,
        max(departures_count) as departures_count
    from {{ ref('metric_cumulative_flow') }}
    group by board_phid, column_phid
),

findings as (
    select
        coalesce(found.board_phid, expected.board_phid) as board_phid,
        coalesce(found.column_phid, expected.column_phid) as column_phid,
        found.arrivals_count as found_arrivals_count,
        expected.arrivals_count as expected_arrivals_count
    from found
    full outer join expected
        on found.board_phid = expected.board_phid and found.column_phid = expected.column_phid
    where
        found.arrivals_count is distinct from expected.arrivals_count
        or found.departures_count is distinct from expected.departures_count
)

select * from findings
