with

checked_settings as (
    select * from {{ ref('int_settings_checked') }}
    where problem is null and project is not null
),

projects as (
    select * from {{ ref('stg_phabricator__projects') }}
),

ancestors as (
    select * from {{ ref('int_project_ancestors_resolved') }}
),

installation as (
    select * from {{ ref('int_installation_given_settings') }}
),

-- Two names for one project in the seed: the PHID counts before the slug, the slug before the name.
settings_of_projects as (
    select
        projects.project_phid,
        checked_settings.setting,
        coalesce(checked_settings.setting_value, '') as setting_value,
        row_number() over (
            partition by projects.project_phid, checked_settings.setting
            order by
                case checked_settings.project
                    when projects.project_phid then 1
                    when projects.slug then 2
                    else 3
                end
        ) as place
    from checked_settings
    inner join projects
        on checked_settings.project in (projects.project_phid, projects.slug, projects.project_name)
),

inherited_settings as (
    select
        ancestors.project_phid,
        settings_of_projects.setting,
        settings_of_projects.setting_value,
        row_number() over (
            partition by ancestors.project_phid, settings_of_projects.setting
            order by ancestors.distance
        ) as place
    from ancestors
    inner join settings_of_projects
        on ancestors.ancestor_phid = settings_of_projects.project_phid and settings_of_projects.place = 1
),

nearest_settings as (
    select
        project_phid,
        {{ pivoted_settings('setting', 'setting_value', has_default=false) }}
    from inherited_settings
    where place = 1
    group by project_phid
),

project_phids as (
    select 'all' as project_phid
    union all
    select project_phid from projects
),

projects_with_settings as (
    select
        project_phids.project_phid,
        {{ typed_settings('nearest_settings', otherwise='installation') }}
    from project_phids
    cross join installation
    left join nearest_settings on project_phids.project_phid = nearest_settings.project_phid
)

select * from projects_with_settings
