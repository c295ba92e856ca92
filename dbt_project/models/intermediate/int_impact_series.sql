with

weeks as (
    select * from {{ ref('int_impact_weeks') }}
),

windows as (
    select * from {{ ref('int_impact_windows') }}
),

measures as (
    select * from {{ ref('impact_measures') }}
),

-- Three years and both windows; week 0 is the first that counts as after the change.
series as (
    select
        windows.change_key,
        weeks.subject_kind,
        weeks.subject_key,
        weeks.measure,
        measures.averaged_as,
        windows.window_weeks,
        windows.settling_weeks,
        weeks.week_started_date,
        cast({{ days_apart('windows.after_started_date', 'weeks.week_started_date') }} / 7 as integer)
            as week_number,
        case
            when weeks.week_started_date < windows.before_started_date then 'history'
            when weeks.week_started_date < windows.before_ended_date then 'before'
            when weeks.week_started_date < windows.after_started_date then 'settling'
            else 'after'
        end as week_window,
        weeks.measured_value,
        weeks.samples_count,
        {{ impact_scaled('weeks.measured_value', 'measures.averaged_as') }} as scaled_value,
        {{ week_weight('weeks.measured_value', 'weeks.samples_count', 'measures.averaged_as') }}
            as week_weight
    from windows
    inner join weeks
        on
            windows.subject_kind = weeks.subject_kind
            and windows.subject_key = weeks.subject_key
            and windows.history_started_date <= weeks.week_started_date
            and windows.after_ended_date > weeks.week_started_date
    inner join measures on weeks.measure = measures.measure
)

select * from series
