with

board_columns as (
    select * from {{ ref('stg_phabricator__columns') }}
),

projects as (
    select * from {{ ref('stg_phabricator__projects') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
),

column_roles as (
    select * from {{ ref('column_roles') }}
),

gone_objects as (
    select * from {{ ref('int_objects_gone') }}
    where stream = 'columns'
),

-- A rule for the column's own project goes before the general ones, then the smaller priority.
matches as (
    select
        board_columns.column_phid,
        column_roles.role as column_role,
        row_number() over (
            partition by board_columns.column_phid
            order by case when column_roles.project is null then 2 else 1 end, column_roles.priority
        ) as place
    from board_columns
    inner join column_roles
        on {{ matches('board_columns.column_name', 'column_roles.pattern') }}
    left join projects on board_columns.project_phid = projects.project_phid
    where
        column_roles.project is null
        or column_roles.project in (projects.project_phid, projects.slug, projects.project_name)
),

-- A column that stands for a milestone has no role: the milestone's own board says what is done there.
columns_with_roles as (
    select
        board_columns.*,
        coalesce(milestones.is_milestone, false) as is_milestone_column,
        case when board_columns.proxy_project_phid is null then matches.column_role end as column_role,
        coalesce(boards.is_published, false)
        and coalesce(proxies.is_published, board_columns.proxy_project_phid is null)
        and gone_objects.object_key is null as is_published
    from board_columns
    left join matches on board_columns.column_phid = matches.column_phid and matches.place = 1
    left join projects as milestones on board_columns.proxy_project_phid = milestones.project_phid
    left join screened_projects as boards on board_columns.project_phid = boards.project_phid
    left join screened_projects as proxies on board_columns.proxy_project_phid = proxies.project_phid
    left join gone_objects on board_columns.column_phid = gone_objects.object_key
)

select * from columns_with_roles
