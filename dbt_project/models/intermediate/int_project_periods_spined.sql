with

project_tasks as (
    select * from {{ ref('int_project_tasks_measured') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

-- Tasks that were changed while the extraction ran may have been closed after as_of.
last_day as (
    select
        greatest(
            max({{ local_date('extraction.as_of') }}),
            max(project_tasks.created_date),
            max(project_tasks.closed_date)
        ) as last_date
    from extraction
    left join project_tasks on true
),

-- A project without an open task ended when its last one was closed. The whole site never ends.
projects as (
    select
        project_phid,
        min(created_date) as first_date,
        case
            when project_phid != 'all' and bool_and(is_closed)
                then greatest(max(created_date), max(closed_date))
        end as ended_date
    from project_tasks
    group by project_phid
),

site as (
    select
        min(projects.first_date) as first_date,
        max(last_day.last_date) as last_date
    from projects
    cross join last_day
),

days as (
    select {{ days_from('first_date', 'last_date') }} as day
    from site
),

kinds as (
    select 'day' as period
    union all
    select 'week' as period
    union all
    select 'month' as period
),

periods as (
    select distinct
        kinds.period,
        {{ period_of_date('kinds.period', 'days.day') }} as period_started_date
    from days
    cross join kinds
),

project_periods as (
    select
        projects.project_phid,
        periods.period,
        periods.period_started_date
    from projects
    inner join periods
        on
            periods.period_started_date >= {{ period_of_date('periods.period', 'projects.first_date') }}
            and periods.period_started_date <= coalesce(projects.ended_date, date '9999-12-31')
    where periods.period != 'day' or projects.project_phid = 'all'
)

select * from project_periods
