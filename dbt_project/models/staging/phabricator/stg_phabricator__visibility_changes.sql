with

visibility_changes as (
    select * from {{ source('raw', 'visibility_changes') }}
),

phabricator_changes as (
    select
        run_id,

        stream,
        key as object_key,

        batch,

        is_visible,

        changed_at
    from visibility_changes
    where source = 'phabricator'
)

select * from phabricator_changes
