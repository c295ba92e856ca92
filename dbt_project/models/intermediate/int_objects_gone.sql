with

visibility_changes as (
    select * from {{ ref('stg_phabricator__visibility_changes') }}
),

ranked_changes as (
    select
        *,
        row_number() over (partition by stream, object_key order by batch desc, run_id desc) as place
    from visibility_changes
),

-- An object is gone while the last sweep that said anything about it says so.
gone_objects as (
    select
        stream,
        object_key,
        changed_at as gone_at
    from ranked_changes
    where place = 1 and not is_visible
)

select * from gone_objects
