-- Impact: pipelines whose weeks are judged
select distinct subject_key
from metric_process_behaviour
where subject_kind = 'pipeline'
order by subject_key
limit 100
