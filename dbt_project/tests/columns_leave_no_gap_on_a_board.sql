-- While a task has the tag of a board, or of a milestone that is a column there, it is in one of its
-- columns, from the first one on; without such a tag it is in none now.
{{ config(severity='warn') }}

with

column_spans as (
    select * from {{ ref('int_task_column_spans') }}
),

project_spans as (
    select * from {{ ref('int_task_project_spans') }}
),

milestone_columns as (
    select distinct
        proxy_project_phid,
        project_phid as board_phid
    from {{ ref('int_columns_given_roles') }}
    where is_milestone_column
),

tags_of_boards as (
    select
        task_id,
        project_phid as board_phid,
        started_at,
        ended_at
    from project_spans
    union all
    select
        project_spans.task_id,
        milestone_columns.board_phid,
        project_spans.started_at,
        project_spans.ended_at
    from project_spans
    inner join milestone_columns on project_spans.project_phid = milestone_columns.proxy_project_phid
),

spans_with_next as (
    select
        task_id,
        board_phid,
        started_at,
        ended_at,
        lead(started_at) over (partition by task_id, board_phid order by started_at) as next_started_at
    from column_spans
),

gaps as (
    select
        task_id,
        board_phid,
        ended_at as gap_started_at,
        coalesce(next_started_at, timestamp '2200-01-01') as gap_ended_at
    from spans_with_next
    where ended_at is not null and next_started_at is distinct from ended_at
),

gaps_with_tag as (
    select
        gaps.task_id,
        gaps.board_phid,
        gaps.gap_started_at
    from gaps
    inner join tags_of_boards
        on
            gaps.task_id = tags_of_boards.task_id
            and gaps.board_phid = tags_of_boards.board_phid
            and gaps.gap_ended_at > tags_of_boards.started_at
            and gaps.gap_started_at < coalesce(tags_of_boards.ended_at, timestamp '2200-01-01')
),

lasting_tags as (
    select distinct
        task_id,
        board_phid
    from tags_of_boards
    where ended_at is null
),

columns_without_tag as (
    select
        spans_with_next.task_id,
        spans_with_next.board_phid,
        spans_with_next.started_at as gap_started_at
    from spans_with_next
    left join lasting_tags
        on
            spans_with_next.task_id = lasting_tags.task_id
            and spans_with_next.board_phid = lasting_tags.board_phid
    where spans_with_next.ended_at is null and lasting_tags.task_id is null
),

findings as (
    select * from gaps_with_tag
    union all
    select * from columns_without_tag
)

select * from findings
