with

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

tasks_of_server as (
    select * from {{ ref('stg_phabricator__tasks') }}
),

changes as (
    select * from {{ ref('int_task_changes_named') }}
    where event_type = 'custom_field' and field_name like '%release.version'
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

-- For tasks of which only the history is here.
fields_told as (
    select
        task_id,
        {{ first_by('new_value', '-transaction_id') }} as release_version
    from changes
    group by task_id
),

candidates as (
    select
        tasks.task_id,
        tasks.task_phid,
        tasks.author_phid,
        tasks.title,
        {{ train_version_in(
            'coalesce(tasks_of_server.release_version, fields_told.release_version)'
        ) }} as field_version,
        {{ train_version_in('tasks.title') }} as title_version,
        coalesce(tasks.subtype = 'release', false) as is_release,
        {{ matches("coalesce(tasks.title, '')", "'deployment blockers'") }} as is_named_so,
        coalesce(tasks.status = 'duplicate', false) as is_duplicate,
        screened_tasks.is_published,
        tasks.created_at
    from tasks
    inner join screened_tasks on tasks.task_id = screened_tasks.task_id
    left join tasks_of_server on tasks.task_id = tasks_of_server.task_id
    left join fields_told on case when tasks.is_told_by_history then tasks.task_id end = fields_told.task_id
),

release_tasks as (
    select
        coalesce(field_version, title_version) as version,
        task_id,
        task_phid,
        author_phid,
        title,
        is_published,
        created_at,
        row_number() over (
            partition by coalesce(field_version, title_version)
            order by
                case when is_published then 0 else 1 end,
                case when is_duplicate then 1 else 0 end,
                case when field_version is null then 1 else 0 end,
                case when is_release then 0 else 1 end,
                task_id
        ) as place
    from candidates
    where field_version is not null or (title_version is not null and (is_release or is_named_so))
),

one_per_version as (
    select
        version,
        task_id,
        task_phid,
        author_phid,
        title,
        is_published,
        created_at
    from release_tasks
    where place = 1
)

select * from one_per_version
