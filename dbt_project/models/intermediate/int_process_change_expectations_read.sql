with

changes as (
    select * from {{ ref('int_process_changes_gathered') }}
    where problem is null
),

named_measures as (
    select
        change_key,
        {{ names_in('measures_text') }} as named
    from changes
),

expectations as (
    select
        change_key,
        {{ measure_before_direction('named') }} as metric,
        {{ direction_after('named') }} as expected_direction,
        true as is_known
    from named_measures
)

select * from expectations
