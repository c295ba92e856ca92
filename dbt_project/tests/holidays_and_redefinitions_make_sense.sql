-- A line that cannot be followed stops the build, and says why: the message is part of the condition,
-- so that the database cannot skip it.
with

odd_holidays as (
    select
        'holiday_periods.csv: ' || coalesce(holiday, 'a line without a name')
        || ' needs a first_day and a last_day as 12-24 (every year) or as 2026-04-03, '
        || 'the last not before the first' as problem
    from {{ ref('holiday_periods') }}
    where
        holiday is null
        or not coalesce(
            (
                {{ is_day_of_every_year('first_day') }}
                and {{ is_day_of_every_year('last_day') }}
                and {{ written_day("'2024-' || first_day") }} is not null
                and {{ written_day("'2024-' || last_day") }} is not null
            )
            or {{ written_day('first_day') }} <= {{ written_day('last_day') }},
            false
        )
),

odd_redefinitions as (
    select
        'definition_changes.csv: ' || coalesce(metric_name, 'a line without a metric_name')
        || ' needs a changed_date as 2026-01-31, holds_for ''all weeks'' or ''later weeks'', '
        || 'and what was changed' as problem
    from {{ ref('definition_changes') }}
    where
        metric_name is null
        or what is null
        or {{ written_day('changed_date') }} is null
        or coalesce(holds_for, '') not in ('all weeks', 'later weeks')
),

problems as (
    select * from odd_holidays
    union all
    select * from odd_redefinitions
),

findings as (
    select string_agg(problem, '; ' order by problem) as problems_text
    from problems
    having count(*) > 0 and {{ stop_with("string_agg(problem, '; ' order by problem)") }} is null
)

select * from findings
