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

-- A run that fetched a choice of tasks counts only where there was no other, as for as_of.
streams as (
    select
        source,
        stream,
        max(case when place = 1 then mode end) as last_mode,
        max(case when place = 1 then outcome end) as last_outcome,
        count(*) as runs_count,
        sum(case when outcome = 'complete' then 1 else 0 end) as complete_runs_count,
        coalesce(
            max(case when outcome = 'complete' and mode != 'partial' then tried_at end),
            max(case when outcome = 'complete' then tried_at end)
        ) as complete_at,
        max(tried_at) as tried_at
    from numbered_runs
    group by source, stream
),

-- Behind what was fetched last: the tasks, or what was tried later and failed.
streams_compared as (
    select
        streams.*,
        {{ days_between('streams.complete_at', 'greatest(extraction.as_of, streams.tried_at)') }}
            as behind_days
    from streams
    cross join extraction
),

-- Sweeps are made once a day, so that the next one is a little later than that.
streams_judged as (
    select
        source,
        stream,
        last_mode,
        last_outcome,
        cast(runs_count as bigint) as runs_count,
        cast(complete_runs_count as bigint) as complete_runs_count,
        behind_days,
        coalesce(behind_days > case when stream = 'sweep' then 3 else 1 end, true) as is_behind,
        complete_at,
        tried_at
    from streams_compared
)

select * from streams_judged
