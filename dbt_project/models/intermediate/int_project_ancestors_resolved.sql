with recursive

projects as (
    select * from {{ ref('stg_phabricator__projects') }}
),

-- A parent that the reading account may not see ends the line.
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
        projects.project_phid as ancestor_phid,
        projects.parent_project_phid as next_phid,
        projects.project_name || ' / ' || lines_of_descent.project_path as project_path,
        lines_of_descent.distance + 1 as distance
    from lines_of_descent
    inner join projects on lines_of_descent.next_phid = projects.project_phid
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
