with

tasks as (
    select * from {{ ref('stg_phabricator__tasks') }}
),

unpacked as (
    select
        task_id,
        unnest(list_distinct(project_phids)) as project_phid
    from tasks
)

select * from unpacked
