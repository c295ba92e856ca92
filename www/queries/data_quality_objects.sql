-- Data quality: what one kind of finding (severity, finding) is about, the first hundred
select
    data_quality.object_kind,
    data_quality.object_key,
    data_quality.task_id,
    data_quality.version,
    data_quality.pipeline,
    data_quality.environment,
    tasks.title,
    data_quality.detail
from data_quality
left join tasks on data_quality.task_id = tasks.task_id
where data_quality.severity = :severity and data_quality.finding = :finding
limit 100
