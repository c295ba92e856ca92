with

board_columns as (
    select * from {{ ref('int_columns_given_roles') }}
),

board_spans as (
    select * from {{ ref('int_task_board_spans') }}
),

column_spans as (
    select * from {{ ref('int_task_column_spans') }}
),

projects as (
    select * from {{ ref('stg_phabricator__projects') }}
),

screened_projects as (
    select * from {{ ref('int_projects_screened') }}
),

tags as (
    select * from {{ ref('int_task_tags_gathered') }}
),

settings as (
    select * from {{ ref('int_settings_checked') }}
),

column_roles as (
    select * from {{ ref('column_roles') }}
),

-- In use: an open task is on the board now.
boards_in_use as (
    select distinct board_phid
    from board_spans
    where ended_at is null and column_phid != 'closed'
),

-- The default column needs no role: tasks wait in it.
columns_without_role as (
    select
        'column without role' as finding,
        'column' as object_kind,
        board_columns.column_phid as object_key,
        'column ' || board_columns.column_name || ' of ' || projects.project_name
        || ' fits no pattern of column_roles.csv' as detail,
        board_columns.is_published
    from board_columns
    inner join boards_in_use on board_columns.project_phid = boards_in_use.board_phid
    inner join projects on board_columns.project_phid = projects.project_phid
    where
        board_columns.column_role is null
        and board_columns.proxy_project_phid is null
        and not board_columns.is_default
        and not board_columns.is_hidden
),

-- What the reading account may not see is nobody else's business.
unknown_projects as (
    select
        'unknown project' as finding,
        'project' as object_kind,
        tags.project_phid as object_key,
        tags.project_phid || ' is a tag of ' || {{ counted('count(*)', 'task') }}
        || '; nothing is known of it' as detail,
        false as is_published
    from tags
    left join projects on tags.project_phid = projects.project_phid
    where projects.project_phid is null
    group by tags.project_phid
),

unknown_columns as (
    select
        'unknown column' as finding,
        'column' as object_kind,
        column_spans.span_value as object_key,
        'a column of ' || coalesce(max(projects.project_name), column_spans.board_phid)
        || ' is no longer there' as detail,
        coalesce(bool_and(screened_projects.is_published), false) as is_published
    from column_spans
    left join board_columns on column_spans.span_value = board_columns.column_phid
    left join projects on column_spans.board_phid = projects.project_phid
    left join screened_projects on column_spans.board_phid = screened_projects.project_phid
    where board_columns.column_phid is null
    group by column_spans.board_phid, column_spans.span_value
),

-- The name in a setting may be that of a hidden project.
settings_for_nothing as (
    select
        'setting for nothing' as finding,
        'setting' as object_kind,
        setting || ' of ' || project as object_key,
        'settings.csv sets ' || setting || ' for ' || project || ', which is no project here' as detail,
        false as is_published
    from settings
    where not is_matched
),

roles_for_nothing as (
    select distinct
        'setting for nothing' as finding,
        'setting' as object_kind,
        'column_roles of ' || column_roles.project as object_key,
        'column_roles.csv has patterns for ' || column_roles.project || ', no project here' as detail,
        false as is_published
    from column_roles
    left join projects
        on column_roles.project in (projects.project_phid, projects.slug, projects.project_name)
    where column_roles.project is not null and projects.project_phid is null
),

findings as (
    select * from columns_without_role
    union all
    select * from unknown_projects
    union all
    select * from unknown_columns
    union all
    select * from settings_for_nothing
    union all
    select * from roles_for_nothing
)

select * from findings
