with

runs as (
    select * from {{ ref('stg_phabricator__runs') }}
),

-- Every "now" of the models: the server's clock when the last complete extraction of tasks began.
last_complete_run as (
    select max(server_time_at) as as_of
    from runs
    where stream = 'tasks' and outcome = 'complete'
)

select * from last_complete_run
