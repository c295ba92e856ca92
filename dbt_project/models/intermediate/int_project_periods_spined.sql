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

periods as (
    {%- for period in ['day', 'week', 'month'] %}
    select
        '{{ period }}' as period,
        cast({{ period_starts(period, 'first_at', 'last_at') }} as date) as period_started_date
    from site
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

project_periods as (
    select
        projects.project_phid,
        periods.period,
        periods.period_started_date
    from projects
    inner join periods
        on periods.period_started_date >= cast(date_trunc(periods.period, projects.first_created_at) as date)
)

select * from project_periods
