with

runs as (
    select * from {{ source('raw', 'runs') }}
),

phabricator_runs as (
    select
        run_id,

        stream,
        site_name,
        site_url,
        mode,
        outcome,

        requests_count,
        documents_count,
        bytes_count,

        is_demo,

        started_at,
        finished_at,
        server_time_at,
        watermark_at
    from runs
    where source = 'phabricator'
)

select * from phabricator_runs
