with

project_tasks as (
    select * from {{ ref('int_project_tasks_published') }}
),

closings as (
    select * from {{ ref('int_tasks_closed') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

-- Tasks that were changed while the extraction ran may have been closed after as_of.
last_moment as (
    select greatest(extraction.as_of, max(closings.last_closed_at)) as last_at
    from extraction
    left join closings on true
    group by extraction.as_of
),

projects as (
    select
        project_phid,
        min(created_at) as first_created_at
    from project_tasks
    group by project_phid
),

site as (
    select
        last_moment.last_at,
        min(projects.first_created_at) as first_at
    from projects
    cross join last_moment
    group by last_moment.last_at
),

days as (
    select {{ days_from('first_at', 'last_at') }} as day_started_at
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
        {{ period_start('kinds.period', 'days.day_started_at') }} as period_started_date
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
        on periods.period_started_date >= {{ period_start('periods.period', 'projects.first_created_at') }}
)

select * from project_periods
