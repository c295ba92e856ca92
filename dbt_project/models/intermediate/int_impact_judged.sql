with

differences as (
    select * from {{ ref('int_impact_differences') }}
),

bootstrapped as (
    select * from {{ ref('int_impact_bootstrapped') }}
),

placebos as (
    select * from {{ ref('int_impact_placebos') }}
),

measures as (
    select * from {{ ref('impact_measures') }}
),

expectations as (
    select * from {{ ref('process_change_expectations') }}
),

changes_with_expectations as (
    select distinct change_key
    from expectations
),

combined as (
    select
        differences.*,
        bootstrapped.bootstrap_low,
        bootstrapped.bootstrap_high,
        placebos.placebo_spread,
        placebos.year_before_scaled_difference,
        placebos.permutation_p_value,
        measures.is_level,
        expectations.expected_direction,
        coalesce(placebos.placebos_count, 0) as placebos_count,
        case
            when changes_with_expectations.change_key is not null then expectations.change_key is not null
        end as is_expected,
        -- Where the history is six windows long, its own differences say how much one varies.
        coalesce(placebos.placebos_count, 0) >= 4 * differences.window_weeks as has_history,
        differences.before_weeks_count >= {{ impact_least_weeks('differences.window_weeks') }}
        and differences.after_weeks_count >= {{ impact_least_weeks('differences.window_weeks') }}
        and differences.before_samples_count >= measures.least_samples_count
        and differences.after_samples_count >= measures.least_samples_count
        and differences.before_samples_count
        >= measures.least_week_samples_count * differences.before_weeks_count
        and differences.after_samples_count
        >= measures.least_week_samples_count * differences.after_weeks_count
        and bootstrapped.bootstrap_low is not null as has_values
    from differences
    inner join measures on differences.measure = measures.measure
    left join bootstrapped
        on {{ same_series('differences', 'bootstrapped') }}
    left join placebos
        on {{ same_series('differences', 'placebos') }}
    left join expectations
        on differences.change_key = expectations.change_key and differences.measure = expectations.metric
    left join changes_with_expectations on differences.change_key = changes_with_expectations.change_key
),

-- With few blocks the bootstrap finds too little: the block that is lost to the mean is added again, and
-- Student's t takes the place of the normal distribution. Without a history each block is one observation,
-- and the window with fewer of them counts, so that neither weeks that resemble each other nor unequal
-- spreads fake certainty.
errors as (
    select
        *,
        (bootstrap_high - bootstrap_low) / {{ 2 * 1.959963984540054 }}
        * sqrt(
            least(before_weeks_count, after_weeks_count)
            / nullif(
                greatest(least(before_weeks_count, after_weeks_count) - {{ impact_block_weeks() }}.0, 0), 0
            )
        ) as window_error,
        cast(
            case
                when has_history then before_weeks_count + after_weeks_count - 2
                else
                    floor(least(before_weeks_count, after_weeks_count) / {{ impact_block_weeks() }}.0) - 1
            end as integer
        ) as window_degrees,
        case when has_history then placebo_spread end as history_error,
        case when has_history then cast(floor(placebos_count / window_weeks) as integer) end
            as history_degrees
    from combined
),

sufficient as (
    select
        *,
        has_values and window_degrees >= 1 and (has_history or not is_level) as has_enough_data
    from errors
),

-- The wider of both intervals holds.
half_widths as (
    select
        *,
        greatest(
            window_error * {{ student_t_bound('window_degrees') }},
            coalesce(history_error * {{ student_t_bound('history_degrees') }}, 0)
        ) as half_width,
        case
            when not has_enough_data then null
            when {{ is_dust('scaled_difference') }} then 1
            else greatest(
                case
                    when window_error > 0
                        then {{ student_t_p_value('scaled_difference / window_error', 'window_degrees') }}
                    else 0
                end,
                case
                    when history_error > 0
                        then {{ student_t_p_value('scaled_difference / history_error', 'history_degrees') }}
                    else 0
                end
            )
        end as difference_p_value
    from sufficient
),

-- Benjamini and Hochberg: the measures that the change was meant for, and apart from them all others.
ranked as (
    select
        *,
        count(difference_p_value) over (partition by change_key, is_expected) as tests_count,
        row_number() over (
            partition by change_key, is_expected
            order by difference_p_value asc nulls last, subject_kind asc, subject_key asc, measure asc
        ) as test_rank
    from half_widths
),

adjusted as (
    select
        *,
        case
            when difference_p_value is not null
                then least(
                    min(difference_p_value * tests_count / test_rank) over (
                        partition by change_key, is_expected
                        order by test_rank
                        rows between current row and unbounded following
                    ),
                    1
                )
        end as adjusted_p_value
    from ranked
)

select * from adjusted
