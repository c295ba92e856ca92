with

runs as (
    select * from {{ source('raw', 'runs') }}
),

runs_of_deployments as (
    select
        run_id,

        source,
        stream,
        site_url,
        mode,
        outcome,

        documents_count,

        started_at,
        server_time_at
    from runs
    where source != 'phabricator'
)

select * from runs_of_deployments
