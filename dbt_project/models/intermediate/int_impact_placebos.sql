{%- set keys = 'change_key, subject_kind, subject_key, measure' -%}
with

series as (
    select * from {{ ref('int_impact_series') }}
),

-- Only what was before the change tells how much windows differ when nothing is changed.
uneventful_weeks as (
    select * from series
    where week_window in ('history', 'before')
),

{{ differences_at_every_week('uneventful_weeks', 'placebos') }},  -- noqa: PRS

spread as (
    select
        {{ keys }},
        count(difference) as placebos_count,
        sqrt(avg(difference * difference)) as placebo_spread,
        max(case when week_number = -52 then difference end) as year_before_scaled_difference
    from placebos
    group by {{ keys }}
),

-- Around the circle: the first weeks follow the last ones once more.
lengths as (
    select
        {{ keys }},
        min(week_number) as first_number,
        max(week_number) - min(week_number) + 1 as circle_weeks
    from series
    group by {{ keys }}
),

circle as (
    select series.*
    from series
    union all by name
    select series.* replace (cast(series.week_number + lengths.circle_weeks as integer) as week_number)
    from series
    inner join lengths
        on
            series.change_key = lengths.change_key
            and series.subject_kind = lengths.subject_kind
            and series.subject_key = lengths.subject_key
            and series.measure = lengths.measure
    where series.week_number < lengths.first_number + 2 * series.window_weeks + series.settling_weeks - 1
),

{{ differences_at_every_week('circle', 'shifts') }},  -- noqa: PRS

observed as (
    select
        {{ keys }},
        difference as observed_difference
    from shifts
    where week_number = 0
),

-- One shift is the change itself. Both sides are looked at, so that each has half of the error.
permuted as (
    select
        shifts.change_key,
        shifts.subject_kind,
        shifts.subject_key,
        shifts.measure,
        count(*) as shifts_count,
        least(
            2.0 * count(case
                when
                    sign(observed.observed_difference) * shifts.difference
                    >= abs(observed.observed_difference) * (1 - 1e-9)
                    then 1
            end) / count(*),
            1
        ) as permutation_p_value
    from shifts
    inner join observed
        on
            shifts.change_key = observed.change_key
            and shifts.subject_kind = observed.subject_kind
            and shifts.subject_key = observed.subject_key
            and shifts.measure = observed.measure
    where shifts.difference is not null and observed.observed_difference is not null
    group by shifts.change_key, shifts.subject_kind, shifts.subject_key, shifts.measure
),

compared as (
    select
        spread.*,
        permuted.shifts_count,
        permuted.permutation_p_value
    from spread
    left join permuted
        on
            spread.change_key = permuted.change_key
            and spread.subject_kind = permuted.subject_kind
            and spread.subject_key = permuted.subject_key
            and spread.measure = permuted.measure
)

select * from compared
