-- A setting that cannot be followed stops the build, and says why: the message is part of the condition,
-- so that the database cannot skip it.
with

problems as (
    select
        'settings.csv makes no sense (docs/settings.md says what may be there): '
        || string_agg(
            setting || coalesce(' of ' || project, '') || ' ' || problem, '; ' order by setting, project
        )
            as problems_text
    from {{ ref('int_settings_checked') }}
    where problem is not null
),

findings as (
    select problems_text
    from problems
    where problems_text is not null and {{ stop_with('problems_text') }} is null
)

select * from findings
