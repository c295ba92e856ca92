with

windows as (
    select * from {{ ref('int_impact_windows') }}
),

-- What changed for the whole site changed for each project.
overlapping as (
    select
        windows.change_key,
        windows.subject_kind,
        windows.subject_key,
        others.change_key as other_change_key,
        others.started_date as other_started_date
    from windows
    inner join windows as others
        on
            windows.change_key != others.change_key
            and windows.subject_kind = others.subject_kind
            and others.subject_key in (windows.subject_key, 'all')
            and windows.before_started_date < others.after_started_date
            and windows.after_ended_date > others.started_date
)

select * from overlapping
