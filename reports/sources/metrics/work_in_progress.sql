-- One row per reported project with work in progress: how much, and how much of it beyond what is expected.
select
    metric_work_item_age.project_phid,
    count(*) as wip_count,
    sum(metric_work_item_age.is_beyond_expectation) as beyond_expectation_count,
    max(metric_work_item_age.expected_cycle_time_days) as expected_cycle_time_days
from _reported
inner join metric_work_item_age on _reported.project_phid = metric_work_item_age.project_phid
group by metric_work_item_age.project_phid
