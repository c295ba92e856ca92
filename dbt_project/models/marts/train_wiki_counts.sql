with

wiki_versions as (
    select * from {{ ref('wiki_versions') }}
),

trains as (
    select * from {{ ref('trains') }}
),

gained_and_lost as (
    select
        version,
        started_at as changed_at,
        1 as wikis_change
    from wiki_versions
    union all
    select
        version,
        ended_at as changed_at,
        -1 as wikis_change
    from wiki_versions
    where ended_at is not null
),

-- A wiki that goes from one version to another is lost and gained at once.
changes_of_all as (
    select
        changed_at,
        sum(wikis_change) as wikis_change
    from gained_and_lost
    group by changed_at
),

counts_of_all as (
    select
        changed_at,
        sum(wikis_change) over (
            order by changed_at rows between unbounded preceding and current row
        ) as wikis_count
    from changes_of_all
),

changes_by_version as (
    select
        version,
        changed_at,
        sum(wikis_change) as wikis_change
    from gained_and_lost
    group by version, changed_at
),

counts_by_version as (
    select
        version,
        changed_at,
        wikis_change,
        sum(wikis_change) over (
            partition by version order by changed_at rows between unbounded preceding and current row
        ) as wikis_count
    from changes_by_version
),

counts_of_trains as (
    select
        counts_by_version.version,
        cast(counts_by_version.wikis_count as bigint) as wikis_count,
        cast(counts_of_all.wikis_count as bigint) as all_wikis_count,
        counts_by_version.wikis_count / cast(nullif(counts_of_all.wikis_count, 0) as double) as wikis_share,
        counts_by_version.changed_at
    from counts_by_version
    inner join counts_of_all on counts_by_version.changed_at = counts_of_all.changed_at
    inner join trains on counts_by_version.version = trains.version
    where counts_by_version.wikis_change != 0
)

select * from counts_of_trains
