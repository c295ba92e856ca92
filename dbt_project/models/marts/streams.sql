with

runs_of_phabricator as (
    select * from {{ ref('stg_phabricator__runs') }}
),

runs_of_deployments as (
    select * from {{ ref('stg_deployments__runs') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

runs as (
    select
        run_id,
        'phabricator' as source,
        stream,
        mode,
        outcome,
        coalesce(server_time_at, started_at) as tried_at
    from runs_of_phabricator
    union all
    select
        run_id,
        source,
        stream,
        mode,
        outcome,
        server_time_at as tried_at
    from runs_of_deployments
),

numbered_runs as (
    select
        *,
        row_number() over (partition by source, stream order by run_id desc) as place
    from runs
),

streams as (
    select
        source,
        stream,
        max(case when place = 1 then mode end) as last_mode,
        max(case when place = 1 then outcome end) as last_outcome,
        count(*) as runs_count,
        sum(case when outcome = 'complete' then 1 else 0 end) as complete_runs_count,
        max(case when outcome = 'complete' then tried_at end) as complete_at,
        max(tried_at) as tried_at
    from numbered_runs
    group by source, stream
),

typed_streams as (
    select
        streams.source,
        streams.stream,
        streams.last_mode,
        streams.last_outcome,
        cast(streams.runs_count as bigint) as runs_count,
        cast(streams.complete_runs_count as bigint) as complete_runs_count,
        (epoch(extraction.as_of) - epoch(streams.complete_at)) / 86400.0 as behind_days,
        streams.complete_at,
        streams.tried_at
    from streams
    cross join extraction
)

select * from typed_streams
