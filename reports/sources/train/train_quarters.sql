-- One row per quarter of the last two years with a train; the last one is not over.
select
    metric_train_trouble.period_started_date,
    metric_train_trouble.trains_count,
    metric_train_trouble.troubled_trains_count,
    metric_train_trouble.rolled_back_trains_count,
    metric_train_trouble.trains_with_late_blockers_count,
    metric_train_trouble.without_trouble_share,
    metric_train_rollback_time.rollbacks_count,
    metric_train_rollback_time.rollbacks_hours,
    metric_train_blockers.blockers_count,
    metric_train_patches.patches_count
from metric_train_trouble
cross join about
left join metric_train_rollback_time
    on
        metric_train_trouble.version = metric_train_rollback_time.version
        and metric_train_trouble.period = metric_train_rollback_time.period
        and metric_train_trouble.period_started_date = metric_train_rollback_time.period_started_date
left join metric_train_blockers
    on
        metric_train_trouble.version = metric_train_blockers.version
        and metric_train_trouble.period = metric_train_blockers.period
        and metric_train_trouble.period_started_date = metric_train_blockers.period_started_date
        and metric_train_blockers.group_name = 'all'
left join metric_train_patches
    on
        metric_train_trouble.version = metric_train_patches.version
        and metric_train_trouble.period = metric_train_patches.period
        and metric_train_trouble.period_started_date = metric_train_patches.period_started_date
where
    metric_train_trouble.version = 'all'
    and metric_train_trouble.period = 'quarter'
    and metric_train_trouble.trains_count > 0
    and metric_train_trouble.period_started_date >= date(about.as_of, '-27 months')
order by metric_train_trouble.period_started_date
