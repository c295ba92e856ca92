with

settings as (
    select * from {{ ref('int_installation_given_settings') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

impact_settings as (
    select
        settings.time_zone,
        settings.impact_window_weeks,
        settings.forecast_seed,
        extraction.as_of
    from settings
    cross join extraction
)

select * from impact_settings
