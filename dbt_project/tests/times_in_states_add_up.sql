-- The months of a status or column hold each task of all time once, and as many days.
with

times as (
    select
        project_phid as owner_phid,
        status as state,
        period,
        tasks_count,
        tasks_count * time_in_status_mean_days as total_days
    from {{ ref('metric_time_in_status') }}
    union all
    select
        board_phid as owner_phid,
        column_phid as state,
        period,
        tasks_count,
        tasks_count * time_in_column_mean_days as total_days
    from {{ ref('metric_time_in_column') }}
),

totals as (
    select
        owner_phid,
        state,
        sum(case period when 'all' then tasks_count else 0 end) as tasks_count,
        sum(case period when 'all' then 0 else tasks_count end) as tasks_of_months_count,
        sum(case period when 'all' then total_days else 0 end) as total_days,
        sum(case period when 'all' then 0 else total_days end) as total_days_of_months
    from times
    group by owner_phid, state
),

findings as (
    select * from totals
    where
        tasks_count != tasks_of_months_count
        or abs(total_days - total_days_of_months) > 0.001 * greatest(total_days, 1)
)

select * from findings
