-- In every week the scope has grown by what was added less what was removed, no more of it is closed than
-- there is, and in the end the scope of the whole site is every task.
with

burnup as (
    select
        *,
        lag(scope_tasks_count, 1, 0) over weeks as previous_tasks_count,
        lag(scope_points, 1, 0) over weeks as previous_points,
        row_number() over (partition by project_phid order by period_started_date desc) as place
    from {{ ref('metric_burnup') }}
    window weeks as (partition by project_phid order by period_started_date)
),

site as (
    select
        count(*) as tasks_count,
        sum(case when is_closed then 1 else 0 end) as closed_tasks_count
    from {{ ref('int_project_tasks_measured') }}
    where project_phid = 'all'
),

findings as (
    select burnup.*
    from burnup
    cross join site
    where
        burnup.scope_tasks_count
        != burnup.previous_tasks_count + burnup.scope_added_tasks_count - burnup.scope_removed_tasks_count
        or abs(
            burnup.scope_points - burnup.previous_points
            - burnup.scope_added_points + burnup.scope_removed_points
        ) > 0.001
        or burnup.scope_closed_tasks_count not between 0 and burnup.scope_tasks_count
        or (
            burnup.project_phid = 'all'
            and burnup.place = 1
            and (
                burnup.scope_tasks_count != site.tasks_count
                or burnup.scope_closed_tasks_count != site.closed_tasks_count
            )
        )
)

select * from findings
