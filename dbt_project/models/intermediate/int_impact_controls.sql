with

weeks as (
    select * from {{ ref('int_impact_weeks') }}
),

windows as (
    select * from {{ ref('int_impact_windows') }}
),

subjects as (
    select * from {{ ref('int_impact_subjects') }}
    where is_compared and subject_key != 'all'
),

differences as (
    select * from {{ ref('int_impact_differences') }}
),

projects as (
    select * from {{ ref('projects') }}
),

-- Whatever else changed something in these weeks says nothing of what happens without a change.
changed_meanwhile as (
    select distinct
        windows.change_key,
        windows.subject_kind,
        windows.subject_key,
        others.subject_key as changed_key
    from windows
    inner join windows as others
        on
            windows.subject_kind = others.subject_kind
            and windows.before_started_date < others.after_started_date
            and windows.after_ended_date > others.started_date
),

-- Nor do projects that have the same tasks.
candidates as (
    select
        windows.*,
        subjects.subject_key as control_key
    from windows
    inner join subjects on windows.subject_kind = subjects.subject_kind
    left join projects as concerned on windows.subject_key = concerned.project_phid
    left join projects as compared on subjects.subject_key = compared.project_phid
    where
        windows.subject_key not in ('all', subjects.subject_key)
        and not exists (
            select 1 from changed_meanwhile
            where
                changed_meanwhile.change_key = windows.change_key
                and changed_meanwhile.subject_kind = windows.subject_kind
                and changed_meanwhile.subject_key = windows.subject_key
                and changed_meanwhile.changed_key in (subjects.subject_key, 'all')
        )
        and not {{ is_path_within('concerned.project_path', 'compared.project_path') }}
        and not {{ is_path_within('compared.project_path', 'concerned.project_path') }}
),

control_weeks as (
    select
        differences.change_key,
        differences.subject_kind,
        differences.subject_key,
        differences.measure,
        candidates.control_key,
        weeks.week_started_date,
        differences.averaged_as,
        differences.window_weeks,
        differences.before_scaled_value as own_before_value,
        differences.before_samples_count as own_samples_count,
        weeks.samples_count,
        {{ impact_scaled('weeks.measured_value', 'differences.averaged_as') }} as scaled_value,
        {{ week_weight('weeks.measured_value', 'weeks.samples_count', 'differences.averaged_as') }}
            as week_weight,
        case
            when weeks.week_started_date < candidates.before_ended_date then 'before'
            when weeks.week_started_date >= candidates.after_started_date then 'after'
            else 'settling'
        end as week_window
    from candidates
    inner join differences
        on
            candidates.change_key = differences.change_key
            and candidates.subject_kind = differences.subject_kind
            and candidates.subject_key = differences.subject_key
    inner join weeks
        on
            candidates.subject_kind = weeks.subject_kind
            and candidates.control_key = weeks.subject_key
            and differences.measure = weeks.measure
            and candidates.before_started_date <= weeks.week_started_date
            and candidates.after_ended_date > weeks.week_started_date
),

sums as (
    select
        change_key,
        subject_kind,
        subject_key,
        measure,
        control_key,
        any_value(averaged_as) as averaged_as,
        any_value(window_weeks) as window_weeks,
        any_value(own_before_value) as own_before_value,
        any_value(own_samples_count) as own_samples_count,
        {{ window_sums('before') }},
        {{ window_sums('after') }}
    from control_weeks
    group by change_key, subject_kind, subject_key, measure, control_key
),

-- Comparable is who has enough weeks, and no more than four times or less than a quarter of the samples.
-- Means are compared as shares of the value before, so that a large project does not outweigh the others.
comparable as (
    select
        *,
        case
            when averaged_as = 'weeks' then own_before_value / nullif(before_scaled_value, 0) else 1
        end as own_scale
    from sums
    where
        before_weeks_count >= {{ impact_least_weeks('window_weeks') }}
        and after_weeks_count >= {{ impact_least_weeks('window_weeks') }}
        and before_samples_count between own_samples_count / 4.0 and own_samples_count * 4.0
        and own_samples_count > 0
    qualify
        row_number() over (
            partition by change_key, subject_kind, subject_key, measure
            order by abs(ln(before_samples_count / own_samples_count)), control_key
        ) <= {{ impact_most_controls() }}
),

controls as (
    select
        control_weeks.change_key,
        control_weeks.subject_kind,
        control_weeks.subject_key,
        control_weeks.measure,
        control_weeks.control_key,
        control_weeks.week_started_date,
        case
            when control_weeks.week_weight > 0
                then
                    comparable.own_before_value
                    + (control_weeks.scaled_value - comparable.before_scaled_value) * comparable.own_scale
        end as control_scaled_value,
        (comparable.after_scaled_value - comparable.before_scaled_value) * comparable.own_scale
            as control_scaled_difference
    from control_weeks
    inner join comparable
        on
            control_weeks.change_key = comparable.change_key
            and control_weeks.subject_kind = comparable.subject_kind
            and control_weeks.subject_key = comparable.subject_key
            and control_weeks.measure = comparable.measure
            and control_weeks.control_key = comparable.control_key
    where comparable.own_scale is not null
)

select * from controls
