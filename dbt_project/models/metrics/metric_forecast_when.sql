with

simulated as (
    select * from {{ ref('int_project_forecasts_simulated') }}
),

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

origins as (
    select distinct
        project_phid,
        origin_date
    from simulated
),

open_tasks as (
    select
        project_phid,
        count(*) as tasks_count
    from project_tasks
    where not is_closed
    group by project_phid
),

ladder as (
    select {{ elements_of([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]) }} as tasks_count
),

asked as (
    select
        origins.project_phid,
        origins.origin_date,
        ladder.tasks_count,
        false as is_every_open_task
    from origins
    cross join ladder
    union all
    select
        origins.project_phid,
        origins.origin_date,
        open_tasks.tasks_count,
        true as is_every_open_task
    from origins
    inner join open_tasks on origins.project_phid = open_tasks.project_phid
),

asked_once as (
    select
        project_phid,
        origin_date,
        tasks_count,
        bool_or(is_every_open_task) as is_every_open_task
    from asked
    group by project_phid, origin_date, tasks_count
),

-- N tasks are done within d days in just those trials that close at least N in d days. So the first day
-- on which 85 % of the trials have closed N is the first whose 85 % bound is at least N.
answered as (
    select
        asked_once.project_phid,
        asked_once.origin_date,
        asked_once.tasks_count,
        asked_once.is_every_open_task,
        min(case
            when simulated.closed_tasks_p50_count >= asked_once.tasks_count then simulated.horizon_days
        end) as time_to_finish_p50_days,
        min(case
            when simulated.closed_tasks_p15_count >= asked_once.tasks_count then simulated.horizon_days
        end) as time_to_finish_p85_days,
        min(case
            when simulated.closed_tasks_p5_count >= asked_once.tasks_count then simulated.horizon_days
        end) as time_to_finish_p95_days
    from asked_once
    inner join simulated on asked_once.project_phid = simulated.project_phid
    group by
        asked_once.project_phid,
        asked_once.origin_date,
        asked_once.tasks_count,
        asked_once.is_every_open_task
),

forecast as (
    select
        project_phid,
        cast(tasks_count as bigint) as tasks_count,
        time_to_finish_p50_days,
        time_to_finish_p85_days,
        time_to_finish_p95_days,
        is_every_open_task,
        origin_date as forecast_date,
        cast(origin_date + time_to_finish_p50_days - 1 as date) as finished_p50_date,
        cast(origin_date + time_to_finish_p85_days - 1 as date) as finished_p85_date,
        cast(origin_date + time_to_finish_p95_days - 1 as date) as finished_p95_date
    from answered
    where is_every_open_task or time_to_finish_p50_days is not null
)

select * from forecast
