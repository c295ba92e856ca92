with

judged_changes as (
    select * from {{ ref('int_version_changes_judged') }}
),

commits as (
    select * from {{ ref('stg_wikiversions__commits') }}
),

train_groups as (
    select * from {{ ref('train_groups') }}
),

installation as (
    select * from {{ ref('int_installation_given_settings') }}
),

deployments_grouped as (
    select
        judged_changes.commit_id,
        judged_changes.version,
        judged_changes.is_rollback,
        max_by(judged_changes.from_version, judged_changes.other_version_sort_key) as from_version,
        max_by(judged_changes.to_version, judged_changes.other_version_sort_key) as to_version,
        max_by(train_groups.group_name, train_groups.position) as group_name,
        count(*) as wikis_count
    from judged_changes
    left join train_groups on judged_changes.wiki = train_groups.marker_wiki
    group by judged_changes.commit_id, judged_changes.version, judged_changes.is_rollback
),

deployments_described as (
    select
        deployments_grouped.commit_id
        || ':' || deployments_grouped.version
        || case when deployments_grouped.is_rollback then ':rollback' else '' end as deployment_id,
        deployments_grouped.version,
        {{ version_sort_key('deployments_grouped.version') }} as version_sort_key,
        deployments_grouped.commit_id,
        deployments_grouped.from_version,
        deployments_grouped.to_version,
        deployments_grouped.group_name,
        case when installation.publish_deployers then commits.committer_name end as deployed_by,
        commits.subject,
        cast(commits.commit_position as bigint) as commit_position,
        cast(deployments_grouped.wikis_count as bigint) as wikis_count,
        deployments_grouped.is_rollback,
        commits.committed_at as deployed_at
    from deployments_grouped
    inner join commits on deployments_grouped.commit_id = commits.commit_id
    cross join installation
)

select * from deployments_described
