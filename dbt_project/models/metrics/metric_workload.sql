with

workloads as (
    select * from {{ ref('int_project_workloads_counted') }}
),

people as (
    select
        project_phid,
        period_started_date,
        count(*) as people_count,
        sum(open_tasks_count) as assigned_tasks_count,
        max(open_tasks_count) as tasks_per_person_max_count,
        sum(wip_count) as assigned_wip_count,
        sum(case when wip_count > 0 then 1 else 0 end) as people_with_wip_count
    from workloads
    where owner_phid != 'all'
    group by project_phid, period_started_date
),

projects as (
    select * from workloads
    where owner_phid = 'all'
),

workload as (
    select
        projects.project_phid,
        'week' as period,
        projects.period_started_date,
        projects.open_tasks_count,
        cast(coalesce(people.assigned_tasks_count, 0) as bigint) as assigned_tasks_count,
        cast(projects.open_tasks_count - coalesce(people.assigned_tasks_count, 0) as bigint)
            as unassigned_tasks_count,
        (projects.open_tasks_count - coalesce(people.assigned_tasks_count, 0)) / projects.open_tasks_count
            as unassigned_share,
        coalesce(people.people_count, 0) as people_count,
        people.assigned_tasks_count / people.people_count as tasks_per_person_mean_count,
        people.tasks_per_person_max_count,
        projects.wip_count,
        cast(coalesce(people.people_with_wip_count, 0) as bigint) as people_with_wip_count,
        people.assigned_wip_count / nullif(people.people_with_wip_count, 0) as wip_per_person_mean_count
    from projects
    left join people
        on
            projects.project_phid = people.project_phid
            and projects.period_started_date = people.period_started_date
)

select * from workload
