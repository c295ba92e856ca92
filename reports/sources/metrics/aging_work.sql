-- One row per reported project and task in progress: the 15 that are so for longest.
with aging_work as (
    select
        metric_work_item_age.project_phid,
        metric_work_item_age.task_id,
        tasks.title,
        coalesce(metric_work_item_age.column_name, metric_work_item_age.status_name) as state_name,
        metric_work_item_age.work_item_age_days,
        metric_work_item_age.quicker_tasks_share,
        metric_work_item_age.is_beyond_expectation,
        metric_work_item_age.started_at,
        row_number() over (
            partition by metric_work_item_age.project_phid
            order by metric_work_item_age.work_item_age_days desc, metric_work_item_age.task_id
        ) as place
    from _reported
    inner join metric_work_item_age on _reported.project_phid = metric_work_item_age.project_phid
    inner join tasks on metric_work_item_age.task_id = tasks.task_id
)

select * from aging_work
where place <= 15
order by project_phid, place
