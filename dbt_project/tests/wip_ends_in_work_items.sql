-- Whatever the slice and period, the last count of work in progress is that of the work items of now.
with

wip as (
    select
        *,
        row_number() over (
            partition by project_phid, subtype, priority_name, period order by period_started_date desc
        ) as place
    from {{ ref('metric_wip') }}
),

work_items as (
    select * from {{ ref('metric_work_item_age') }}
),
{{ slices_of('work_items', ['project_phid']) }},

items as (
    select
        project_phid,
        subtype,
        priority_name,
        count(*) as items_count
    from work_items_sliced
    group by project_phid, subtype, priority_name
),

differences as (
    select
        wip.project_phid,
        wip.subtype,
        wip.priority_name,
        wip.period,
        wip.wip_count as found_count,
        coalesce(items.items_count, 0) as expected_count
    from wip
    left join items
        on
            wip.project_phid = items.project_phid
            and wip.subtype = items.subtype
            and wip.priority_name = items.priority_name
    where wip.place = 1 and wip.wip_count != coalesce(items.items_count, 0)
),

missing as (
    select
        items.project_phid,
        items.subtype,
        items.priority_name,
        cast(null as varchar) as period,
        cast(0 as bigint) as found_count,
        items.items_count as expected_count
    from items
    left join wip
        on
            items.project_phid = wip.project_phid
            and items.subtype = wip.subtype
            and items.priority_name = wip.priority_name
            and wip.place = 1
    where wip.project_phid is null
),

findings as (
    select * from differences
    union all
    select * from missing
)

select * from findings
