with

windows as (
    select * from {{ ref('int_impact_windows') }}
    where subject_kind = 'project'
),

measured_tasks as (
    select * from {{ ref('measured_tasks') }}
),

measures as (
    select * from {{ ref('impact_measures') }}
    where clock is not null
),

-- Who began in a window is followed until its end, so that nobody is followed for longer than the others.
window_bounds as (
    select
        change_key,
        subject_key,
        'before' as week_window,
        before_started_date as first_date,
        before_ended_date as end_date
    from windows
    union all
    select
        change_key,
        subject_key,
        'after' as week_window,
        after_started_date as first_date,
        after_ended_date as end_date
    from windows
),

begun_tasks as (
    select
        window_bounds.change_key,
        window_bounds.subject_key,
        measures.measure,
        window_bounds.week_window,
        case
            when measures.clock = 'created' then measured_tasks.created_at else measured_tasks.started_at
        end as begun_at,
        measured_tasks.closed_at,
        {{ start_of_local_day('window_bounds.end_date') }} as end_at
    from window_bounds
    cross join measures
    inner join measured_tasks on window_bounds.subject_key = measured_tasks.project_phid
    where
        case measures.clock when 'created' then measured_tasks.created_at else measured_tasks.started_at end
        >= {{ start_of_local_day('window_bounds.first_date') }}
        and case measures.clock
            when 'created' then measured_tasks.created_at else measured_tasks.started_at
        end
        < {{ start_of_local_day('window_bounds.end_date') }}
),

followed_tasks as (
    select
        change_key,
        subject_key,
        measure,
        week_window,
        greatest({{ days_between('begun_at', 'least(coalesce(closed_at, end_at), end_at)') }}, 0)
            as followed_days,
        case when closed_at < end_at then 1 else 0 end as closed_count
    from begun_tasks
),

durations as (
    select
        change_key,
        subject_key,
        measure,
        week_window,
        followed_days,
        sum(closed_count) as closed_count,
        count(*) as followed_count
    from followed_tasks
    group by change_key, subject_key, measure, week_window, followed_days
),

at_risk as (
    select
        *,
        sum(followed_count) over (
            partition by change_key, subject_key, measure, week_window
            order by followed_days desc
        ) as at_risk_count
    from durations
),

-- Kaplan and Meier: the share that is still open is the product of the shares that stay open at each closing.
survival as (
    select
        *,
        exp(
            sum(case
                when closed_count < at_risk_count then ln(1 - closed_count / cast(at_risk_count as double))
                else -1000
            end) over (
                partition by change_key, subject_key, measure, week_window
                order by followed_days
            )
        ) as open_share
    from at_risk
),

medians as (
    select
        change_key,
        'project' as subject_kind,
        subject_key,
        measure
        {%- for window in ['before', 'after'] %}
            ,
            min(case when week_window = '{{ window }}' and open_share <= 0.5 + 1e-9 then followed_days end)
                as kaplan_meier_{{ window }}_value,
            cast(
                coalesce(
                    sum(case when week_window = '{{ window }}' then followed_count - closed_count end), 0
                ) as bigint
            )
                as still_open_{{ window }}_count
        {%- endfor %}
    from survival
    group by change_key, subject_key, measure
)

select * from medians
