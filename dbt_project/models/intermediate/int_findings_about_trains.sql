with

trains as (
    select * from {{ ref('trains') }}
),

train_groups as (
    select * from {{ ref('train_groups') }}
),

wiki_versions as (
    select * from {{ ref('wiki_versions') }}
),

judged_changes as (
    select * from {{ ref('int_version_changes_judged') }}
),

release_tasks as (
    select * from {{ ref('int_release_tasks_found') }}
    where is_published
),

patches as (
    select * from {{ ref('patches') }}
),

recorded_patches as (
    select * from {{ ref('stg_gerrit__recorded_patches') }}
),

links_asked as (
    select * from {{ ref('stg_gerrit__links_asked') }}
),

-- Older trains had none: the habit began with the first one that has.
first_release as (
    select min(trains.version_sort_key) as version_sort_key
    from trains
    inner join release_tasks on trains.version = release_tasks.version
),

trains_without_release_task as (
    select
        'train without release task' as finding,
        'train' as object_kind,
        trains.version as object_key,
        trains.version,
        'no release task of ' || trains.version || ', which started at ' || trains.started_at
        || ', is here' as detail
    from trains
    cross join first_release
    left join release_tasks on trains.version = release_tasks.version
    where
        trains.version_sort_key > first_release.version_sort_key
        and release_tasks.version is null
),

-- As for delays, only what comes after something older has arrived.
group_arrivals as (
    select
        judged_changes.version,
        train_groups.group_name,
        train_groups.marker_wiki,
        train_groups.position
    from judged_changes
    inner join train_groups on judged_changes.wiki = train_groups.marker_wiki
    where not judged_changes.is_rollback and train_groups.expected_weekday is not null
    group by
        judged_changes.version, train_groups.group_name, train_groups.marker_wiki, train_groups.position
),

last_arrivals as (
    select
        version,
        max(position) as position
    from group_arrivals
    group by version
),

known_groups as (
    select distinct
        group_name,
        marker_wiki,
        position
    from group_arrivals
),

versions_of_wikis as (
    select distinct
        wiki,
        version
    from wiki_versions
),

trains_without_group as (
    select
        'train without a group' as finding,
        'train' as object_kind,
        trains.version as object_key,
        trains.version,
        trains.version
        || case
            when versions_of_wikis.version is null then ' never ran on ' || known_groups.group_name
            else ' came to ' || known_groups.group_name || ' only after something newer'
        end
        || ', but was rolled forward to a later group' as detail
    from trains
    inner join last_arrivals on trains.version = last_arrivals.version
    inner join known_groups on last_arrivals.position > known_groups.position
    left join group_arrivals
        on trains.version = group_arrivals.version and known_groups.group_name = group_arrivals.group_name
    left join versions_of_wikis
        on trains.version = versions_of_wikis.version and known_groups.marker_wiki = versions_of_wikis.wiki
    where group_arrivals.version is null
),

groups_without_wiki as (
    select
        'group without wiki' as finding,
        'train group' as object_kind,
        train_groups.group_name as object_key,
        cast(null as varchar) as version,
        'no wiki is called ' || train_groups.marker_wiki || ', the marker wiki of ' || train_groups.group_name
        || ' in train_groups.csv' as detail
    from train_groups
    where
        train_groups.marker_wiki not in (select wiki_versions.wiki from wiki_versions)
        and exists (select 1 from wiki_versions)
),

unknown_versions as (
    select
        'unknown version' as finding,
        'version' as object_kind,
        version as object_key,
        cast(null as varchar) as version,
        version || ' ran on ' || {{ counted('count(distinct wiki)', 'wiki') }} || ' from ' || min(started_at)
        || ' on; it is spelled like no version of a train' as detail
    from wiki_versions
    where version_sort_key is null
    group by version
),

patches_counted as (
    select
        count(*) as patches_count,
        count(case when links_asked.link is null then 1 end) as not_asked_count,
        count(case when not links_asked.is_found then 1 end) as not_found_count,
        min(case when not links_asked.is_found then recorded_patches.link end) as link_not_found
    from recorded_patches
    left join links_asked on recorded_patches.link = links_asked.link
),

patches_of_no_train as (
    select
        count(*) as patches_count,
        count(distinct version) as versions_count,
        min(version) as version
    from patches
    where train_started_at is null
),

-- Of patches there are thousands: they are counted.
findings_about_patches as (
    select
        'patches not asked for' as finding,
        'GERRIT_URL was not asked for ' || not_asked_count || ' of ' || patches_count
        || ' patches in the list' as detail
    from patches_counted
    where not_asked_count > 0
    union all
    select
        'patches not found' as finding,
        'Gerrit shows no change for the links of ' || not_found_count || ' of ' || patches_count
        || ' patches in the list, such as ' || link_not_found as detail
    from patches_counted
    where not_found_count > 0
    union all
    select
        'patches of no train' as finding,
        {{ counted('patches_count', 'patch', 'patches') }}
        || ' of ' || {{ counted('versions_count', 'version') }}
        || ' that never started here, such as ' || version as detail
    from patches_of_no_train
    where patches_count > 0
),

-- Public commits, files and published tasks tell of them: whatever is here is published.
findings as (
    select
        *,
        true as is_published
    from trains_without_release_task
    union all
    select
        *,
        true as is_published
    from trains_without_group
    union all
    select
        *,
        true as is_published
    from groups_without_wiki
    union all
    select
        *,
        true as is_published
    from unknown_versions
    union all
    select
        finding,
        'table' as object_kind,
        'patches' as object_key,
        cast(null as varchar) as version,
        detail,
        true as is_published
    from findings_about_patches
)

select * from findings
