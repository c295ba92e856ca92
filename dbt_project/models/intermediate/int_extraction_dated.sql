with

runs as (
    select * from {{ ref('stg_phabricator__runs') }}
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
)

select * from last_complete_run
