with

settings as (
    select * from {{ ref('settings') }}
),

projects as (
    select * from {{ ref('stg_phabricator__projects') }}
),

trimmed as (
    select
        trim(setting) as setting,
        nullif(trim(project), '') as project,
        nullif(trim(value), '') as setting_value
    from settings
),

counted as (
    select
        *,
        count(*) over (partition by setting, project) as rows_count
    from trimmed
),

matched_names as (
    select distinct counted.project
    from counted
    inner join projects
        on counted.project in (projects.project_phid, projects.slug, projects.project_name)
),

checked as (
    select distinct
        counted.setting,
        counted.project,
        counted.setting_value,
        counted.project is null or matched_names.project is not null as is_matched,
        case
            when counted.rows_count > 1 then 'is given more than once'
            else {{ problem_of_setting('counted.setting', 'counted.project', 'counted.setting_value') }}
        end as problem
    from counted
    left join matched_names on counted.project = matched_names.project
)

select * from checked
