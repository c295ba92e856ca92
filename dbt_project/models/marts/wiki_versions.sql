with

wiki_changes as (
    select * from {{ ref('stg_wikiversions__changes') }}
),

-- Clocks of deployers differ: what reached the branch later did not run earlier.
changes_in_order as (
    select
        commit_id,
        wiki,
        new_version as version,
        commit_position,
        max(committed_at) over (
            partition by wiki order by commit_position rows between unbounded preceding and current row
        ) as started_at
    from wiki_changes
),

wiki_spans as (
    select
        wiki,
        version,
        {{ version_sort_key('version') }} as version_sort_key,
        commit_id,
        cast(commit_position as bigint) as commit_position,
        started_at,
        lead(started_at) over (partition by wiki order by commit_position) as ended_at
    from changes_in_order
),

-- Where a wiki was removed it runs nothing.
spans_of_versions as (
    select * from wiki_spans
    where version is not null
)

select * from spans_of_versions
