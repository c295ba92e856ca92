with

holiday_periods as (
    select * from {{ ref('holiday_periods') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

-- A period without a year is one of every year: of the next one, and of forty before.
years as (
    select year({{ local_date('as_of') }}) + 2 - {{ numbers_up_to(41) }} as holiday_year
    from extraction
),

written_periods as (
    select distinct
        holiday_periods.holiday,
        case
            when {{ is_day_of_every_year('holiday_periods.first_day') }}
                then years.holiday_year || '-' || holiday_periods.first_day
            else holiday_periods.first_day
        end as first_text,
        case
            when not {{ is_day_of_every_year('holiday_periods.last_day') }} then holiday_periods.last_day
            when holiday_periods.last_day < holiday_periods.first_day
                then years.holiday_year + 1 || '-' || holiday_periods.last_day
            else years.holiday_year || '-' || holiday_periods.last_day
        end as last_text
    from holiday_periods
    cross join years
),

-- 29 February is no day of most years.
holidays as (
    select
        holiday,
        {{ written_day('first_text') }} as started_date,
        {{ written_day('last_text') }} + 1 as ended_date
    from written_periods
    where {{ written_day('first_text') }} is not null and {{ written_day('last_text') }} is not null
)

select * from holidays
