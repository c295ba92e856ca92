with

series as (
    select * from {{ ref('int_impact_series') }}
    where week_window != 'history'
),

regressed as (
    select * from {{ ref('int_impact_regressed') }}
),

measures as (
    select * from {{ ref('impact_measures') }}
),

controls as (
    select
        change_key,
        subject_kind,
        subject_key,
        measure,
        week_started_date,
        avg(control_scaled_value) as control_scaled_value
    from {{ ref('int_impact_controls') }}
    group by change_key, subject_kind, subject_key, measure, week_started_date
),

weeks as (
    select
        series.change_key,
        series.subject_kind,
        series.subject_key,
        series.measure,
        measures.family,
        measures.unit,
        measures.better,
        series.week_window,
        series.measured_value,
        series.samples_count,
        {{ without_dust(impact_unscaled(
            "case series.week_window
                when 'before' then regressed.before_level + regressed.before_slope * series.week_number
                when 'after' then regressed.after_level + regressed.after_slope * series.week_number
            end",
            'series.averaged_as',
        )) }} as fitted_value,
        {{ without_dust(impact_unscaled('controls.control_scaled_value', 'series.averaged_as')) }}
            as control_value,
        series.week_started_date
    from series
    inner join measures on series.measure = measures.measure
    left join regressed
        on {{ same_series('series', 'regressed') }}
    left join controls
        on
            {{ same_series('series', 'controls') }}
            and series.week_started_date = controls.week_started_date
)

select * from weeks
