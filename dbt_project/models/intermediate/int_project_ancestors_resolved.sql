with recursive

projects as (
    select * from {{ ref('stg_phabricator__projects') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
),

named_projects as (
    select
        projects.project_phid,
        projects.parent_project_phid,
        case
            when screened_projects.is_published then projects.project_name || ' / ' else ''
        end as name_in_paths
    from projects
    inner join screened_projects on projects.project_phid = screened_projects.project_phid
),

-- A parent that the reading account may not see ends the line; the name of one that may not be published is
-- no part of the path of a child that may.
lines_of_descent as (
    select
        project_phid,
        project_phid as ancestor_phid,
        parent_project_phid as next_phid,
        cast(project_name as varchar) as project_path,
        0 as distance
    from projects
    union all
    select
        lines_of_descent.project_phid,
        named_projects.project_phid as ancestor_phid,
        named_projects.parent_project_phid as next_phid,
        named_projects.name_in_paths || lines_of_descent.project_path as project_path,
        lines_of_descent.distance + 1 as distance
    from lines_of_descent
    inner join named_projects on lines_of_descent.next_phid = named_projects.project_phid
    where lines_of_descent.distance < 30
),

ancestors as (
    select
        project_phid,
        ancestor_phid,
        project_path,
        distance,
        distance = max(distance) over (partition by project_phid) as is_root
    from lines_of_descent
)

select * from ancestors
