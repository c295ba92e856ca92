with

throughput as (
    select * from {{ ref('metric_throughput') }}
    where subtype = 'all' and priority_name = 'all' and period = 'week'
),

net_flow as (
    select * from {{ ref('metric_net_flow') }}
    where subtype = 'all' and priority_name = 'all' and period = 'week'
),

wip as (
    select * from {{ ref('metric_wip') }}
    where subtype = 'all' and priority_name = 'all' and period = 'week'
),

cycle_time as (
    select * from {{ ref('metric_cycle_time') }}
    where subtype = 'all' and priority_name = 'all' and period = 'week'
),

lead_time as (
    select * from {{ ref('metric_lead_time') }}
    where subtype = 'all' and priority_name = 'all' and period = 'week'
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

weeks_of_figures as (
    select
        project_phid,
        'closed tasks' as figure,
        'metric_throughput' as metric_name,
        'tasks' as unit,
        period_started_date,
        cast(closed_tasks_count as double) as figure_value,
        1 as sequence,
        false as is_level
    from throughput
    union all
    select
        project_phid,
        'created tasks' as figure,
        'metric_net_flow' as metric_name,
        'tasks' as unit,
        period_started_date,
        cast(created_tasks_count as double) as figure_value,
        2 as sequence,
        false as is_level
    from net_flow
    union all
    select
        project_phid,
        'open tasks' as figure,
        'metric_net_flow' as metric_name,
        'tasks' as unit,
        period_started_date,
        cast(open_tasks_count as double) as figure_value,
        3 as sequence,
        true as is_level
    from net_flow
    union all
    select
        project_phid,
        'tasks in progress' as figure,
        'metric_wip' as metric_name,
        'tasks' as unit,
        period_started_date,
        cast(wip_count as double) as figure_value,
        4 as sequence,
        true as is_level
    from wip
    union all
    select
        project_phid,
        'median cycle time' as figure,
        'metric_cycle_time' as metric_name,
        'days' as unit,
        period_started_date,
        cast(cycle_time_p50_days as double) as figure_value,
        5 as sequence,
        false as is_level
    from cycle_time
    union all
    select
        project_phid,
        'cycle time of 85 %' as figure,
        'metric_cycle_time' as metric_name,
        'days' as unit,
        period_started_date,
        cast(cycle_time_p85_days as double) as figure_value,
        6 as sequence,
        false as is_level
    from cycle_time
    union all
    select
        project_phid,
        'median lead time' as figure,
        'metric_lead_time' as metric_name,
        'days' as unit,
        period_started_date,
        cast(lead_time_p50_days as double) as figure_value,
        7 as sequence,
        false as is_level
    from lead_time
),

-- The running week says nothing yet.
last_week as (
    select {{ period_of_date("'week'", local_date('as_of')) }} - 7 as last_date
    from extraction
),

-- A single project is judged for the last 26 weeks, from the 26 before each; the first of them needs the two
-- before it. Only the last is shown, with how long its verdict has held.
needed_weeks as (
    select weeks_of_figures.*
    from weeks_of_figures
    cross join last_week
    where
        weeks_of_figures.period_started_date <= last_week.last_date
        and (
            weeks_of_figures.project_phid = 'all'
            or weeks_of_figures.period_started_date >= last_week.last_date - 53 * 7
        )
),

with_previous as (
    select
        *,
        lag(figure_value) over (
            partition by project_phid, sequence order by period_started_date
        ) as previous_value
    from needed_weeks
),

-- How much is open or in progress hardly differs from the week before: what is judged is the change.
judged as (
    select
        *,
        cast(
            case when is_level then figure_value - previous_value else figure_value end as decimal(24, 9)
        ) as judged_value,
        cast(case when is_level then previous_value else 0 end as double) as base_value
    from with_previous
),

with_moving_range as (
    select
        *,
        abs(judged_value - lag(judged_value) over (
            partition by project_phid, sequence order by period_started_date
        )) as moving_range
    from judged
),

weeks_before as (
    select
        *,
        count(case when judged_value != 0 then judged_value end) over before_this as usual_weeks_count,
        cast(sum(judged_value) over before_this as double)
        / nullif(count(judged_value) over before_this, 0) as mean_value,
        cast(sum(moving_range) over before_this as double)
        / nullif(count(moving_range) over before_this, 0) as mean_moving_range
    from with_moving_range
    window
        before_this as (
            partition by project_phid, sequence
            order by period_started_date
            rows between 26 preceding and 1 preceding
        )
),

-- Natural process limits of an XmR chart.
limits as (
    select
        *,
        usual_weeks_count >= 8 as has_enough_weeks,
        {{ process_limit_ratio() }} * mean_moving_range as half_width,
        base_value + mean_value - {{ process_limit_ratio() }} * mean_moving_range as lower_limit,
        base_value + mean_value + {{ process_limit_ratio() }} * mean_moving_range as upper_limit
    from weeks_before
),

ranges as (
    select
        *,
        case when has_enough_weeks then {{ without_dust('greatest(lower_limit, 0)') }} end
            as usual_lowest_value,
        case when has_enough_weeks then {{ without_dust('greatest(upper_limit, 0)') }} end
            as usual_highest_value,
        {{ without_dust('figure_value') }} as compared_value
    from limits
),

verdicts as (
    select
        *,
        case
            when figure_value is null then 'no value'
            when usual_highest_value is null then 'too little data'
            when compared_value > usual_highest_value then 'above'
            when compared_value < usual_lowest_value then 'below'
            else 'usual'
        end as verdict
    from ranges
),

with_previous_verdict as (
    select
        *,
        lag(verdict) over (
            partition by project_phid, sequence order by period_started_date
        ) as previous_verdict
    from verdicts
),

runs_of_verdicts as (
    select
        *,
        max(
            case when previous_verdict is null or previous_verdict != verdict then period_started_date end
        ) over (
            partition by project_phid, sequence
            order by period_started_date
            rows between unbounded preceding and current row
        ) as run_started_date
    from with_previous_verdict
),

headlines as (
    select
        verdicts.project_phid,
        verdicts.figure,
        verdicts.metric_name,
        verdicts.unit,
        'week' as period,
        verdicts.period_started_date,
        verdicts.verdict,
        verdicts.figure_value,
        verdicts.previous_value,
        verdicts.figure_value - verdicts.previous_value as change_value,
        verdicts.usual_lowest_value,
        verdicts.usual_highest_value,
        cast(case
            when verdicts.verdict = 'above'
                then (verdicts.compared_value - verdicts.usual_highest_value) / nullif(verdicts.half_width, 0)
            when verdicts.verdict = 'below'
                then (verdicts.usual_lowest_value - verdicts.compared_value) / nullif(verdicts.half_width, 0)
        end as double) as beyond_usual_ratio,
        cast(verdicts.usual_weeks_count as bigint) as usual_weeks_count,
        verdicts.sequence,
        cast(
            greatest(verdicts.run_started_date, verdicts.period_started_date - 25 * 7) as date
        ) as verdict_since_date,
        verdicts.period_started_date = last_week.last_date as is_last_week
    from runs_of_verdicts as verdicts
    cross join last_week
    where verdicts.project_phid = 'all' or verdicts.period_started_date = last_week.last_date
)

select * from headlines
