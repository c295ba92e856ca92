-- The windows of the newest weeks, joined task by task, have the same percentiles; and every finished task
-- is in a week.
with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
    where cycle_time_days is not null
),

service_levels as (
    select
        *,
        row_number() over (partition by project_phid order by period_started_date desc) as place
    from {{ ref('metric_service_level') }}
),

newest_weeks as (
    select * from service_levels
    where place <= 3 and window_tasks_count > 0
),

percentiles as (
    select
        newest_weeks.project_phid,
        newest_weeks.period_started_date,
        count(*) as tasks_count,
        {{ percentile('project_tasks.cycle_time_days', 0.5) }} as p50_days,
        {{ percentile('project_tasks.cycle_time_days', 0.85) }} as p85_days,
        {{ percentile('project_tasks.cycle_time_days', 0.95) }} as p95_days,
        sum(
            case when project_tasks.cycle_time_days <= newest_weeks.expected_cycle_time_days then 1 else 0 end
        ) as within_count
    from newest_weeks
    inner join project_tasks
        on
            newest_weeks.project_phid = project_tasks.project_phid
            and newest_weeks.period_started_date > project_tasks.closed_date
            and newest_weeks.period_started_date - newest_weeks.service_level_window_days
            <= project_tasks.closed_date
    group by newest_weeks.project_phid, newest_weeks.period_started_date
),

-- Of the tasks that the expectation was made of, as many kept to it as its percentile says.
wrong_percentiles as (
    select
        newest_weeks.project_phid,
        'percentiles' as what
    from newest_weeks
    left join percentiles
        on
            newest_weeks.project_phid = percentiles.project_phid
            and newest_weeks.period_started_date = percentiles.period_started_date
    where
        newest_weeks.window_tasks_count is distinct from percentiles.tasks_count
        or coalesce(abs(newest_weeks.cycle_time_p50_days - percentiles.p50_days) > 0.000001, true)
        or coalesce(abs(newest_weeks.cycle_time_p85_days - percentiles.p85_days) > 0.000001, true)
        or coalesce(abs(newest_weeks.cycle_time_p95_days - percentiles.p95_days) > 0.000001, true)
        or percentiles.within_count < floor(
            newest_weeks.service_level_percentile / 100.0 * (percentiles.tasks_count - 1)
        ) + 1
),

finished_counts as (
    select
        project_phid,
        count(*) as finished_tasks_count
    from project_tasks
    group by project_phid
),

counts_of_weeks as (
    select
        project_phid,
        sum(finished_tasks_count) as finished_tasks_count
    from service_levels
    group by project_phid
),

wrong_counts as (
    select
        finished_counts.project_phid,
        'counts' as what
    from finished_counts
    left join counts_of_weeks on finished_counts.project_phid = counts_of_weeks.project_phid
    where finished_counts.finished_tasks_count is distinct from counts_of_weeks.finished_tasks_count
),

findings as (
    select * from wrong_percentiles
    union all
    select * from wrong_counts
)

select * from findings
