with

workloads as (
    select * from {{ ref('int_project_workloads_counted') }}
),

settings as (
    select * from {{ ref('int_projects_given_settings') }}
    where publish_people
),

users as (
    select * from {{ ref('users') }}
    where is_published
),

workload_by_person as (
    select
        workloads.project_phid,
        users.user_phid,
        users.username,
        'week' as period,
        workloads.period_started_date,
        workloads.open_tasks_count,
        workloads.wip_count
    from workloads
    inner join settings on workloads.project_phid = settings.project_phid
    inner join users on workloads.owner_phid = users.user_phid
)

select * from workload_by_person
