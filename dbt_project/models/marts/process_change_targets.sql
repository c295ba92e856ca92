with

changes as (
    select * from {{ ref('process_changes') }}
),

targets as (
    select * from {{ ref('int_process_change_targets_found') }}
),

found_targets as (
    select distinct
        changes.change_key,
        targets.subject_kind,
        targets.subject_key,
        changes.is_published
    from targets
    inner join changes on targets.change_key = changes.change_key
    where targets.subject_key is not null
)

select * from found_targets
