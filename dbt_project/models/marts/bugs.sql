with

changes as (
    select * from {{ ref('stg_gerrit__changes') }}
),

change_bugs as (
    select * from {{ ref('stg_gerrit__change_bugs') }}
),

addressed_changes as (
    select * from {{ ref('int_changes_addressed') }}
),

tasks as (
    select * from {{ ref('tasks') }}
),

escaped_bugs as (
    select
        changes.train_version as version,
        tasks.task_id,
        tasks.subtype,
        tasks.title,
        {{ first_by(
            'coalesce(addressed_changes.link, cast(changes.change_number as varchar))',
            'changes.submitted_at, changes.change_number'
        ) }} as link,
        cast(count(*) as bigint) as fixes_count,
        tasks.is_published,
        min(changes.submitted_at) as fixed_at
    from changes
    inner join change_bugs on changes.change_number = change_bugs.change_number
    inner join tasks on change_bugs.task_id = tasks.task_id
    left join addressed_changes on changes.change_number = addressed_changes.change_number
    where
        changes.train_version is not null
        and changes.change_status = 'MERGED'
        and tasks.subtype in ('bug', 'error')
        and tasks.is_published
    group by version, tasks.task_id, tasks.subtype, tasks.title, tasks.is_published
)

select * from escaped_bugs
