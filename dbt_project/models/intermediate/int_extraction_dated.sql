with

runs as (
    select * from {{ ref('stg_phabricator__runs') }}
),

runs_of_deployments as (
    select * from {{ ref('stg_deployments__runs') }}
),

-- Every "now" of the models: the server's clock when the last complete extraction of tasks began. A run that
-- fetched a choice of tasks says nothing about the others; it counts only where there was no other.
last_complete_run as (
    select
        coalesce(
            max(case when mode != 'partial' then server_time_at end),
            max(server_time_at)
        ) as as_of
    from runs
    where stream = 'tasks' and outcome = 'complete'
),

last_run_of_deployments as (
    select max(server_time_at) as as_of
    from runs_of_deployments
    where outcome = 'complete'
),

-- Without tasks the deployments say what the present is.
present as (
    select coalesce(last_complete_run.as_of, last_run_of_deployments.as_of) as as_of
    from last_complete_run
    cross join last_run_of_deployments
)

select * from present
