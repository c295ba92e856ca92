with

changes as (
    select * from {{ ref('int_process_changes_gathered') }}
),

targets as (
    select * from {{ ref('int_process_change_targets_found') }}
),

expectations as (
    select * from {{ ref('int_process_change_expectations_read') }}
),

targets_by_change as (
    select
        change_key,
        count(subject_key) as found_count,
        count(distinct case when subject_key is null then named end) as missing_count,
        bool_and(is_published or subject_key is null) as is_published
    from targets
    group by change_key
),

left_out as (
    select
        'process change left out' as finding,
        coalesce(change_key, title, 'a line without change_key') as object_key,
        problem as detail,
        is_task_published as is_published
    from changes
    where problem is not null
    union all
    select
        'process change left out' as finding,
        changes.change_key as object_key,
        'concerns no project and no pipeline that is here' as detail,
        changes.is_task_published as is_published
    from changes
    inner join targets_by_change on changes.change_key = targets_by_change.change_key
    where targets_by_change.found_count = 0
),

-- Projects are counted, not named: the name may be that of a hidden one.
misled_targets as (
    select
        'process change in part' as finding,
        changes.change_key as object_key,
        {{ counted('targets_by_change.missing_count', 'project or pipeline', 'projects or pipelines') }}
        || ' that it names cannot be found here' as detail,
        changes.is_task_published and targets_by_change.is_published as is_published
    from changes
    inner join targets_by_change on changes.change_key = targets_by_change.change_key
    where targets_by_change.missing_count > 0 and targets_by_change.found_count > 0
),

unknown_measures as (
    select
        'process change in part' as finding,
        changes.change_key as object_key,
        '''' || expectations.metric || ''' is no measure; impact_measures.csv lists them' as detail,
        changes.is_task_published and targets_by_change.is_published as is_published
    from expectations
    inner join changes on expectations.change_key = changes.change_key
    inner join targets_by_change on expectations.change_key = targets_by_change.change_key
    where not expectations.is_known
),

odd_links as (
    select
        'process change in part' as finding,
        changes.change_key as object_key,
        'its link is no address that begins with http:// or https://' as detail,
        changes.is_task_published and targets_by_change.is_published as is_published
    from changes
    inner join targets_by_change on changes.change_key = targets_by_change.change_key
    where changes.link_text is not null and changes.link is null
),

all_findings as (
    select * from left_out
    union all
    select * from misled_targets
    union all
    select * from unknown_measures
    union all
    select * from odd_links
),

findings as (
    select
        finding,
        'process change' as object_kind,
        object_key,
        object_key || ': ' || detail as detail,
        is_published
    from all_findings
)

select * from findings
