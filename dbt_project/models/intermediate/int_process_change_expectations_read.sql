with

changes as (
    select * from {{ ref('int_process_changes_gathered') }}
    where problem is null
),

measures as (
    select * from {{ ref('impact_measures') }}
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
        {{ direction_after('named') }} as expected_direction
    from named_measures
),

checked as (
    select
        expectations.change_key,
        coalesce(measures.measure, expectations.metric) as metric,
        expectations.expected_direction,
        measures.measure is not null as is_known
    from expectations
    left join measures on lower(expectations.metric) = lower(measures.measure)
)

select * from checked
