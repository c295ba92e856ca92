with

changes as (
    select * from {{ ref('process_changes') }}
),

expectations as (
    select * from {{ ref('int_process_change_expectations_read') }}
    where is_known
),

-- Who names a measure twice with different directions expects neither.
one_per_measure as (
    select
        changes.change_key,
        expectations.metric,
        case
            when count(distinct coalesce(expectations.expected_direction, '')) = 1
                then max(expectations.expected_direction)
        end as expected_direction,
        bool_and(changes.is_published) as is_published
    from expectations
    inner join changes on expectations.change_key = changes.change_key
    group by changes.change_key, expectations.metric
)

select * from one_per_measure
