with

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

settings as (
    select * from {{ ref('int_projects_given_settings') }}
    where excluded_subtypes != ''
),

subtypes as (
    select distinct subtype
    from tasks
    where subtype is not null
),

excluded_subtypes as (
    select
        settings.project_phid,
        subtypes.subtype
    from settings
    inner join subtypes on {{ is_among('subtypes.subtype', 'settings.excluded_subtypes') }}
)

select * from excluded_subtypes
