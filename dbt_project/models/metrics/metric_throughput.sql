with

tasks as (
    select * from {{ ref('tasks') }}
),

project_tasks as (
    select * from {{ ref('int_project_tasks_published') }}
),

project_periods as (
    select * from {{ ref('int_project_periods_spined') }}
),

closed_tasks as (
    select
        project_tasks.project_phid,
        cast(tasks.closed_at as date) as closed_date,
        tasks.points
    from project_tasks
    inner join tasks on project_tasks.task_id = tasks.task_id
    where tasks.closed_at is not null
),

closed_tasks_by_period as (
    {%- for period in ['day', 'week', 'month'] %}
    select
        project_phid,
        '{{ period }}' as period,
        cast(date_trunc('{{ period }}', closed_date) as date) as period_started_date,
        count(*) as closed_tasks_count,
        sum(points) as closed_points
    from closed_tasks
    group by 1, 2, 3
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

throughput as (
    select
        project_periods.project_phid,
        project_periods.period,
        project_periods.period_started_date,
        coalesce(closed_tasks_by_period.closed_tasks_count, 0) as closed_tasks_count,
        coalesce(closed_tasks_by_period.closed_points, 0) as closed_points
    from project_periods
    left join closed_tasks_by_period
        on
            project_periods.project_phid = closed_tasks_by_period.project_phid
            and project_periods.period = closed_tasks_by_period.period
            and project_periods.period_started_date = closed_tasks_by_period.period_started_date
)

select * from throughput
