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

circumstances as (
    select * from {{ ref('int_impact_circumstances') }}
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
        circumstances.other_changes_count,
        circumstances.has_new_columns,
        circumstances.changed_columns_text,
        circumstances.holidays_text,
        circumstances.redefined_throughout_text,
        circumstances.redefined_between_text,
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
    left join circumstances
        on {{ same_series('judged', 'circumstances') }}
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
            when other_changes_count > 0 or redefined_between_text is not null then 'something else changed'
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
                when redefined_between_text is not null
                    then
                        'Weeks before and after are not measured alike: it means something else since '
                        || redefined_between_text || '.'
            end,
            case
                when redefined_throughout_text is not null
                    then
                        'It was defined anew on ' || redefined_throughout_text
                        || ', for all weeks alike: figures that were noted before then differ.'
            end,
            'Holidays fall unequally into both windows: ' || holidays_text || '.',
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
                when has_new_columns
                    then
                        'A column that means work in progress was added to the board in these weeks, '
                        || 'so that work may be seen to start elsewhere.'
            end,
            'Columns of the board were added, renamed, hidden or set up otherwise in these weeks ('
            || changed_columns_text
            || '): they count for all weeks as what they are now, '
            || 'so that work may be seen to start or wait elsewhere.'
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
