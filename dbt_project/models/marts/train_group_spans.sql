with

wiki_versions as (
    select * from {{ ref('wiki_versions') }}
),

train_groups as (
    select * from {{ ref('train_groups') }}
),

-- A group runs what its marker wiki runs.
group_spans as (
    select
        train_groups.group_name,
        train_groups.marker_wiki,
        wiki_versions.version,
        wiki_versions.version_sort_key,
        cast(train_groups.position as bigint) as group_position,
        cast(train_groups.expected_weekday as bigint) as expected_weekday,
        wiki_versions.commit_position,
        wiki_versions.started_at,
        wiki_versions.ended_at
    from wiki_versions
    inner join train_groups on wiki_versions.wiki = train_groups.marker_wiki
)

select * from group_spans
