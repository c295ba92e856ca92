with

changes as (
    select * from {{ ref('process_changes') }}
    where is_published
),

targets as (
    select * from {{ ref('process_change_targets') }}
    where is_published
),

settings as (
    select * from {{ ref('int_installation_given_settings') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

-- The week in which a change begins belongs to neither window, unless it begins on its Monday.
weeks_of_changes as (
    select
        changes.change_key,
        targets.subject_kind,
        targets.subject_key,
        coalesce(changes.window_weeks, settings.impact_window_weeks) as window_weeks,
        changes.started_date,
        changes.ended_date,
        {{ period_of_date("'week'", 'changes.started_date') }} as before_ended_date,
        {{ period_of_date(
            "'week'",
            'greatest(coalesce(changes.settled_date, changes.started_date), changes.started_date) + 6'
        ) }} as after_started_date,
        {{ period_start("'week'", 'extraction.as_of') }} as running_week_date
    from changes
    inner join targets on changes.change_key = targets.change_key
    cross join settings
    cross join extraction
),

windows as (
    select
        change_key,
        subject_kind,
        subject_key,
        window_weeks,
        cast({{ days_apart('before_ended_date', 'after_started_date') }} / 7 as integer) as settling_weeks,
        started_date,
        cast(before_ended_date - 7 * ({{ impact_history_weeks() }} + window_weeks) as date)
            as history_started_date,
        cast(before_ended_date - 7 * window_weeks as date) as before_started_date,
        before_ended_date,
        after_started_date,
        cast(
            greatest(
                least(
                    after_started_date + 7 * window_weeks,
                    running_week_date,
                    {{ period_of_date("'week'", "coalesce(ended_date, date '9999-01-01')") }}
                ),
                after_started_date
            ) as date
        ) as after_ended_date
    from weeks_of_changes
)

select * from windows
