{%- set keys = 'subject_kind, subject_key, measure' -%}
with

weeks as (
    select * from {{ ref('int_impact_weeks') }}
),

subjects as (
    select * from {{ ref('int_impact_subjects') }}
    where is_charted
),

windows as (
    select * from {{ ref('int_impact_windows') }}
),

measures as (
    select * from {{ ref('impact_measures') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

-- The first of them needs the one before.
recent_weeks as (
    select weeks.*
    from weeks
    inner join
        subjects
        on weeks.subject_kind = subjects.subject_kind and weeks.subject_key = subjects.subject_key
    cross join extraction
    where
        weeks.week_started_date
        >= {{ period_start("'week'", 'extraction.as_of') }} - 7 * ({{ process_behaviour_weeks() }} + 1)
),

with_previous as (
    select
        recent_weeks.*,
        measures.unit,
        measures.better,
        measures.family,
        measures.is_level,
        measures.sequence,
        lag(recent_weeks.measured_value) over (
            partition by recent_weeks.subject_kind, recent_weeks.subject_key, recent_weeks.measure
            order by recent_weeks.week_started_date
        ) as previous_value,
        row_number() over (
            partition by recent_weeks.subject_kind, recent_weeks.subject_key, recent_weeks.measure
            order by recent_weeks.week_started_date desc
        ) as weeks_back
    from recent_weeks
    inner join measures on recent_weeks.measure = measures.measure
),

changes_of_subjects as (
    select distinct
        subjects.subject_kind,
        subjects.subject_key,
        windows.change_key,
        windows.started_date,
        windows.after_started_date
    from subjects
    inner join windows
        on
            subjects.subject_kind = windows.subject_kind
            and windows.subject_key in (subjects.subject_key, 'all')
),

-- Limits begin anew when a declared change counts as in effect. What is at hand is judged by its change, as
-- headlines do.
phased as (
    select
        with_previous.*,
        (
            select count(distinct changes_of_subjects.after_started_date) from changes_of_subjects
            where
                changes_of_subjects.subject_kind = with_previous.subject_kind
                and changes_of_subjects.subject_key = with_previous.subject_key
                and changes_of_subjects.after_started_date <= with_previous.week_started_date
        ) as phase,
        cast(
            case
                when with_previous.is_level then with_previous.measured_value - with_previous.previous_value
                else with_previous.measured_value
            end as decimal(24, 9)
        ) as judged_value,
        cast(case when with_previous.is_level then with_previous.previous_value else 0 end as double)
            as base_value
    from with_previous
    where with_previous.weeks_back <= {{ process_behaviour_weeks() }}
),

known_weeks as (
    select
        *,
        row_number() over known_in_order as known_number,
        abs(judged_value - lag(judged_value) over known_in_order) as moving_range
    from phased
    where judged_value is not null
    window known_in_order as (partition by {{ keys }}, phase order by week_started_date)
),

baselines as (
    select
        {{ keys }},
        phase,
        cast(sum(judged_value) as double) / count(*) as mean_value,
        cast(sum(moving_range) as double) / count(moving_range) as mean_moving_range
    from known_weeks
    where known_number <= {{ process_baseline_weeks() }}
    group by {{ keys }}, phase
    having count(case when judged_value != 0 then 1 end) >= 8
),

limits as (
    select
        known_weeks.*,
        baselines.mean_moving_range > 0 as has_width,
        known_weeks.base_value + baselines.mean_value as centre_value,
        known_weeks.base_value
        + baselines.mean_value
        - {{ process_limit_ratio() }} * baselines.mean_moving_range
            as lower_limit,
        known_weeks.base_value
        + baselines.mean_value
        + {{ process_limit_ratio() }} * baselines.mean_moving_range
            as upper_limit,
        sign({{ without_dust('cast(known_weeks.judged_value as double) - baselines.mean_value') }}) as side,
        -- Nearer to a limit than to the centre.
        abs(cast(known_weeks.judged_value as double) - baselines.mean_value)
        > {{ process_limit_ratio() }} / 2 * baselines.mean_moving_range as is_far
    from known_weeks
    inner join baselines
        on
            known_weeks.subject_kind = baselines.subject_kind
            and known_weeks.subject_key = baselines.subject_key
            and known_weeks.measure = baselines.measure
            and known_weeks.phase = baselines.phase
),

runs as (
    select
        *,
        sum(side) over (
            partition by {{ keys }}, phase order by week_started_date rows between 7 preceding and current row
        ) as sum_of_eight,
        sum(case when is_far then side else 0 end) over (
            partition by {{ keys }}, phase order by week_started_date rows between 3 preceding and current row
        ) as sum_of_four
    from limits
),

with_previous_runs as (
    select
        *,
        lag(sum_of_eight, 1, 0)
            over (partition by {{ keys }}, phase order by week_started_date)
            as previous_sum_of_eight
    from runs
),

-- Wheeler's three rules, the strongest first. A run that goes on is one signal.
signals as (
    select
        *,
        case
            when not has_width then null
            when
                {{ without_dust('measured_value') }} > {{ without_dust('upper_limit') }}
                or {{ without_dust('measured_value') }} < {{ without_dust('lower_limit') }}
                then 'beyond a limit'
            when abs(sum_of_eight) = 8 and sum_of_eight != previous_sum_of_eight then 'run of eight'
            when
                is_far and abs(sum_of_four) >= 3 and sign(sum_of_four) = side
                then 'three of four near a limit'
        end as signal
    from with_previous_runs
),

near_changes as (
    select
        signals.subject_kind,
        signals.subject_key,
        signals.measure,
        signals.week_started_date,
        {{ first_by(
            'changes_of_subjects.change_key', 'changes_of_subjects.started_date, changes_of_subjects.change_key'
        ) }} as change_key
    from signals
    inner join changes_of_subjects
        on
            signals.subject_kind = changes_of_subjects.subject_kind
            and signals.subject_key = changes_of_subjects.subject_key
            and changes_of_subjects.started_date
            between signals.week_started_date
            - 7 * {{ process_signal_weeks() }} and signals.week_started_date
            + 6
    where signals.signal is not null
    group by signals.subject_kind, signals.subject_key, signals.measure, signals.week_started_date
),

behaviour as (
    select
        signals.subject_kind,
        signals.subject_key,
        signals.measure,
        signals.family,
        signals.unit,
        signals.better,
        signals.signal,
        near_changes.change_key,
        signals.sequence,
        {{ without_dust('signals.measured_value') }} as measured_value,
        {{ without_dust(within_possible('signals.centre_value', 'signals.unit')) }} as centre_value,
        {{ without_dust(within_possible('signals.lower_limit', 'signals.unit')) }} as lower_limit,
        {{ without_dust(within_possible('signals.upper_limit', 'signals.unit')) }} as upper_limit,
        signals.known_number <= {{ process_baseline_weeks() }} as is_baseline,
        signals.week_started_date
    from signals
    left join near_changes
        on
            signals.subject_kind = near_changes.subject_kind
            and signals.subject_key = near_changes.subject_key
            and signals.measure = near_changes.measure
            and signals.week_started_date = near_changes.week_started_date
)

select * from behaviour
