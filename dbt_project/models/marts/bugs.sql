with

changes as (
    select * from {{ ref('stg_gerrit__changes') }}
),

change_bugs as (
    select * from {{ ref('stg_gerrit__change_bugs') }}
),

tasks as (
    select * from {{ ref('tasks') }}
),

escaped_bugs as (
    select
        changes.train_version as version,
        tasks.task_id,
        tasks.subtype,
        cast(count(*) as bigint) as fixes_count,
        tasks.is_published,
        min(changes.submitted_at) as fixed_at
    from changes
    inner join change_bugs on changes.change_number = change_bugs.change_number
    inner join tasks on change_bugs.task_id = tasks.task_id
    where
        changes.train_version is not null
        and changes.change_status = 'MERGED'
        and tasks.subtype in ('bug', 'error')
        and tasks.is_published
    group by version, tasks.task_id, tasks.subtype, tasks.is_published
)

select * from escaped_bugs
