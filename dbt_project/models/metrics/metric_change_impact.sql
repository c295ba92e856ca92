with

judged as (
    select * from {{ ref('int_impact_judged') }}
),

windows as (
    select * from {{ ref('int_impact_windows') }}
),

measures as (
    select * from {{ ref('impact_measures') }}
),

regressed as (
    select * from {{ ref('int_impact_regressed') }}
),

survival as (
    select * from {{ ref('int_impact_survival') }}
),

overlapping as (
    select * from {{ ref('int_impact_changes_overlapping') }}
),

board_columns as (
    select * from {{ ref('project_columns') }}
    where is_published and column_role = 'in progress'
),

control_differences as (
    select distinct
        change_key,
        subject_kind,
        subject_key,
        measure,
        control_key,
        control_scaled_difference
    from {{ ref('int_impact_controls') }}
),

controls as (
    select
        change_key,
        subject_kind,
        subject_key,
        measure,
        count(*) as control_projects_count,
        avg(control_scaled_difference) as control_scaled_difference
    from control_differences
    group by change_key, subject_kind, subject_key, measure
),

other_changes as (
    select
        change_key,
        subject_kind,
        subject_key,
        count(distinct other_change_key) as other_changes_count
    from overlapping
    group by change_key, subject_kind, subject_key
),

-- Where a column that means work in progress is new, the clock may start elsewhere than before.
new_columns as (
    select
        windows.change_key,
        windows.subject_kind,
        windows.subject_key,
        count(*) as new_columns_count
    from windows
    inner join board_columns
        on
            windows.subject_key = board_columns.project_phid
            and {{ local_date('board_columns.created_at') }} > windows.before_started_date
            and {{ local_date('board_columns.created_at') }} < windows.after_ended_date
    where windows.subject_kind = 'project'
    group by windows.change_key, windows.subject_kind, windows.subject_key
),

-- Around New Year nobody works: a window that holds those days is not like one that does not.
holidays as (
    select
        change_key,
        subject_kind,
        subject_key,
        {{ holds_new_year('before_started_date', 'before_ended_date') }} as is_before_over_new_year,
        {{ holds_new_year('after_started_date', 'after_ended_date') }} as is_after_over_new_year
    from windows
),

gathered as (
    select
        judged.*,
        measures.unit,
        measures.better,
        measures.family,
        measures.sequence,
        measures.least_samples_count,
        measures.least_week_samples_count,
        windows.settling_weeks,
        windows.started_date,
        windows.before_started_date,
        windows.before_ended_date,
        windows.after_started_date,
        windows.after_ended_date,
        {{ impact_difference('judged.scaled_difference', 'judged.before_value', 'judged.averaged_as') }}
            as difference,
        {{ impact_difference(
            'judged.scaled_difference - judged.half_width', 'judged.before_value', 'judged.averaged_as'
        ) }} as difference_low,
        {{ impact_difference(
            'judged.scaled_difference + judged.half_width', 'judged.before_value', 'judged.averaged_as'
        ) }} as difference_high,
        {{ impact_difference('regressed.level_change', 'judged.before_value', 'judged.averaged_as') }}
            as level_change,
        regressed.level_change_p_value,
        {{ impact_difference('regressed.slope_change', 'judged.before_value', 'judged.averaged_as') }}
            as slope_change_per_week,
        regressed.slope_change_p_value,
        controls.control_scaled_difference,
        {{ impact_difference(
            'controls.control_scaled_difference', 'judged.before_value', 'judged.averaged_as'
        ) }} as control_difference,
        {{ impact_difference(
            'judged.scaled_difference - controls.control_scaled_difference', 'judged.before_value', 'judged.averaged_as'
        ) }} as controlled_difference,
        coalesce(controls.control_projects_count, 0) as control_projects_count,
        {{ impact_difference(
            'judged.year_before_scaled_difference', 'judged.before_value', 'judged.averaged_as'
        ) }} as year_before_difference,
        survival.kaplan_meier_before_value,
        survival.kaplan_meier_after_value,
        survival.still_open_after_count,
        coalesce(other_changes.other_changes_count, 0) as other_changes_count,
        coalesce(new_columns.new_columns_count, 0) as new_columns_count,
        holidays.is_before_over_new_year != holidays.is_after_over_new_year as is_new_year_on_one_side,
        judged.has_enough_data
        and judged.adjusted_p_value <= {{ impact_error_share() }}
        and abs(judged.scaled_difference) > judged.half_width as is_beyond_chance,
        judged.has_history
        and coalesce(judged.permutation_p_value, 1) > {{ impact_error_share() }} as is_not_confirmed
    from judged
    inner join measures on judged.measure = measures.measure
    inner join windows
        on
            judged.change_key = windows.change_key
            and judged.subject_kind = windows.subject_kind
            and judged.subject_key = windows.subject_key
    left join regressed
        on {{ same_series('judged', 'regressed') }}
    left join survival
        on {{ same_series('judged', 'survival') }}
    left join controls
        on {{ same_series('judged', 'controls') }}
    left join other_changes
        on
            judged.change_key = other_changes.change_key
            and judged.subject_kind = other_changes.subject_kind
            and judged.subject_key = other_changes.subject_key
    left join new_columns
        on
            judged.change_key = new_columns.change_key
            and judged.subject_kind = new_columns.subject_kind
            and judged.subject_key = new_columns.subject_key
    left join holidays
        on
            judged.change_key = holidays.change_key
            and judged.subject_kind = holidays.subject_kind
            and judged.subject_key = holidays.subject_key
),

-- What moved as much, in the same direction, without the change.
explained as (
    select
        *,
        control_projects_count >= 3
        and control_scaled_difference * sign(scaled_difference) >= 0.5 * abs(scaled_difference)
            as has_control_moved_alike,
        year_before_scaled_difference * sign(scaled_difference) >= 0.5 * abs(scaled_difference)
        and abs(year_before_scaled_difference) > half_width as has_year_before_moved_alike,
        case
            when better is null then 'changed'
            when (better = 'more') = (scaled_difference > 0) then 'better'
            else 'worse'
        end as direction,
        least(kaplan_meier_before_value, kaplan_meier_after_value) is not null
        and (
            (kaplan_meier_after_value - kaplan_meier_before_value) * scaled_difference < 0
            or abs(
                (kaplan_meier_after_value / nullif(kaplan_meier_before_value, 0)) - exp(scaled_difference)
            ) > 0.2
        ) as is_kaplan_meier_different
    from gathered
),

verdicts as (
    select
        *,
        case
            when not has_enough_data then 'too little data'
            when not is_beyond_chance or is_not_confirmed then 'no evidence'
            when other_changes_count > 0 then 'something else changed'
            when has_control_moved_alike or has_year_before_moved_alike then 'something else changed'
            else direction
        end as verdict
    from explained
),

caveats as (
    select
        *,
        concat_ws(
            chr(10),
            case
                when
                    least(before_weeks_count, after_weeks_count) < {{ impact_least_weeks('window_weeks') }}
                    then 'Fewer than two thirds of the weeks before or after have a value.'
            end,
            case
                when least(before_samples_count, after_samples_count) < least_samples_count
                    then 'A window has fewer than ' || least_samples_count || ' samples.'
            end,
            case
                when
                    before_samples_count < least_week_samples_count * before_weeks_count
                    or after_samples_count < least_week_samples_count * after_weeks_count
                    then 'A mean week has fewer than ' || least_week_samples_count || ' samples.'
            end,
            case
                when after_ended_date < after_started_date + 7 * window_weeks
                    then 'The weeks after are not over yet, or the change ended before they were.'
            end,
            case
                when is_level and not has_history
                    then 'What goes on from week to week needs a history of six windows to be judged.'
                when has_enough_data and not has_history
                    then
                        'The history is too short to tell how much such differences vary by themselves: '
                        || 'a slow drift would go unnoticed.'
            end,
            case
                when other_changes_count > 0
                    then
                        {{ counted('other_changes_count', 'other change') }}
                        || ' was declared for these weeks: which one did it cannot be told.'
            end,
            case
                when is_beyond_chance and has_control_moved_alike
                    then 'Comparable projects that did not change moved alike.'
            end,
            case
                when is_beyond_chance and has_year_before_moved_alike
                    then 'The same weeks a year before moved alike: the season may be the cause.'
            end,
            case
                when is_new_year_on_one_side
                    then 'The days around New Year are in one of the two windows only.'
            end,
            case
                when is_kaplan_meier_different
                    then
                        'With tasks that are still open counted (Kaplan-Meier), '
                        || 'the medians tell something else.'
            end,
            case
                when is_beyond_chance and is_not_confirmed
                    then
                        'Shifting the weeks around the circle finds such differences too often to confirm it.'
            end,
            case
                when is_beyond_chance and level_change * scaled_difference < 0
                    then
                        'A line through the weeks before leads there by itself: '
                        || 'there is no step in this direction at the change.'
            end,
            case
                when
                    new_columns_count > 0
                    and measure in (
                        'median cycle time', 'cycle time of 85 %', 'tasks in progress', 'flow efficiency'
                    )
                    then
                        'A column that means work in progress was added to the board in these weeks, '
                        || 'so that work may be seen to start elsewhere.'
            end
        ) as caveats_text
    from verdicts
),

impact as (
    select
        change_key,
        subject_kind,
        subject_key,
        measure,
        family,
        unit,
        better,
        averaged_as,
        verdict,
        nullif(caveats_text, '') as caveats,
        expected_direction,
        cast(window_weeks as integer) as window_weeks,
        settling_weeks,
        sequence,
        {{ without_dust('before_value') }} as before_value,
        {{ without_dust('after_value') }} as after_value,
        cast(before_weeks_count as bigint) as before_weeks_count,
        cast(after_weeks_count as bigint) as after_weeks_count,
        before_samples_count,
        after_samples_count,
        {{ without_dust('difference') }} as difference,
        {{ without_dust('difference / nullif(before_value, 0)') }} as difference_share,
        case when has_enough_data then {{ without_dust('difference_low') }} end as difference_low,
        case when has_enough_data then {{ without_dust('difference_high') }} end as difference_high,
        {{ without_dust('difference_p_value') }} as difference_p_value,
        {{ without_dust('adjusted_p_value') }} as adjusted_p_value,
        case when has_history then {{ without_dust('permutation_p_value') }} end as permutation_p_value,
        cast(placebos_count as bigint) as placebos_count,
        {{ without_dust('level_change') }} as level_change,
        {{ without_dust('level_change_p_value') }} as level_change_p_value,
        {{ without_dust('slope_change_per_week') }} as slope_change_per_week,
        {{ without_dust('slope_change_p_value') }} as slope_change_p_value,
        {{ without_dust('control_difference') }} as control_difference,
        {{ without_dust('controlled_difference') }} as controlled_difference,
        cast(control_projects_count as bigint) as control_projects_count,
        {{ without_dust('year_before_difference') }} as year_before_difference,
        {{ without_dust('kaplan_meier_before_value') }} as kaplan_meier_before_value,
        {{ without_dust('kaplan_meier_after_value') }} as kaplan_meier_after_value,
        still_open_after_count,
        cast(other_changes_count as bigint) as other_changes_count,
        is_expected,
        case
            when expected_direction is not null and verdict in ('better', 'worse', 'changed')
                then (expected_direction = 'up') = (difference > 0)
        end as is_as_expected,
        has_history,
        started_date,
        before_started_date,
        before_ended_date,
        after_started_date,
        after_ended_date
    from caveats
)

select * from impact
