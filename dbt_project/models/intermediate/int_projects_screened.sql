with

projects as (
    select * from {{ ref('stg_phabricator__projects') }}
),

spaces as (
    select * from {{ ref('int_spaces_screened') }}
),

gone_objects as (
    select * from {{ ref('int_objects_gone') }}
    where stream = 'projects'
),

screened as (
    select
        projects.project_phid,
        {{ is_allowed_policy('projects.view_policy') }}
        and (projects.space_phid is null or spaces.space_phid is not null)
        and gone_objects.object_key is null as is_allowed
    from projects
    left join spaces on projects.space_phid = spaces.space_phid
    left join gone_objects on projects.project_phid = gone_objects.object_key
),

decided as (
    select
        project_phid,
        coalesce(is_allowed, false) as is_published
    from screened
)

select * from decided
