with

wiki_changes as (
    select * from {{ ref('stg_wikiversions__changes') }}
),

keyed_changes as (
    select
        *,
        {{ version_sort_key('old_version') }} as old_version_sort_key,
        {{ version_sort_key('new_version') }} as new_version_sort_key
    from wiki_changes
),

roll_forwards as (
    select
        commit_id,
        wiki,
        new_version as version,
        old_version as from_version,
        new_version as to_version,
        old_version_sort_key as other_version_sort_key,
        commit_position,
        false as is_rollback,
        committed_at
    from keyed_changes
    where old_version_sort_key < new_version_sort_key
),

rollbacks as (
    select
        commit_id,
        wiki,
        old_version as version,
        old_version as from_version,
        new_version as to_version,
        new_version_sort_key as other_version_sort_key,
        commit_position,
        true as is_rollback,
        committed_at
    from keyed_changes
    where old_version_sort_key > new_version_sort_key
),

judged_changes as (
    select * from roll_forwards
    union all
    select * from rollbacks
)

select * from judged_changes
