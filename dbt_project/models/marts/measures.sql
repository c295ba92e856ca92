with

measures as (
    select
        measure,
        family,
        metric_name,
        unit,
        better,
        averaged_as,
        clock,
        least_samples_count,
        least_week_samples_count,
        sequence,
        is_level,
        reads_columns
    from {{ ref('impact_measures') }}
)

select * from measures
