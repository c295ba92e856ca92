with

simulated as (
    select * from {{ ref('int_project_forecasts_simulated') }}
),

how_many as (
    select
        project_phid,
        horizon_days,
        closed_tasks_p50_count,
        closed_tasks_p15_count,
        closed_tasks_p5_count,
        origin_date as forecast_date,
        cast(origin_date + horizon_days - 1 as date) as horizon_date
    from simulated
)

select * from how_many
