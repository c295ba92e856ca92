-- One row per train of the last year: how it went, and whether it had trouble.
select
    trains.version,
    trains.conductor,
    trains.started_at,
    trains.ended_at,
    trains.group0_at,
    trains.group1_at,
    trains.group2_at,
    date(
        metric_train_trouble.period_started_date,
        'start of month',
        '-' || ((cast(strftime('%m', metric_train_trouble.period_started_date) as integer) - 1) % 3) || ' months'
    ) as quarter_date,
    trains.total_days,
    trains.rollbacks_count,
    trains.rollbacks_hours,
    trains.group2_delay_days,
    metric_train_blockers.blockers_count,
    metric_train_patches.patches_count,
    metric_train_trouble.trains_with_late_blockers_count as has_late_blocker,
    metric_train_trouble.troubled_trains_count as has_trouble,
    trains.is_abandoned,
    row_number() over (order by trains.started_at desc) as trains_ago
from trains
cross join about
left join metric_train_trouble
    on trains.version = metric_train_trouble.version and metric_train_trouble.period = 'train'
left join metric_train_patches
    on trains.version = metric_train_patches.version and metric_train_patches.period = 'train'
left join metric_train_blockers
    on
        trains.version = metric_train_blockers.version
        and metric_train_blockers.period = 'train'
        and metric_train_blockers.group_name = 'all'
where trains.started_at >= date(about.as_of, '-371 days')
order by trains.started_at desc
