with

measures as (
    select
        measure,
        family,
        metric_name,
        unit,
        better,
        averaged_as,
        least_samples_count,
        sequence
    from {{ ref('impact_measures') }}
)

select * from measures
