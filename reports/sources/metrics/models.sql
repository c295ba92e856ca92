-- One row per metric that is published, with its definition as dbt documents it.
select
    model_name,
    label,
    question,
    description,
    misleads
from catalog_models
where model_kind = 'metric' or model_name in ('data_quality', 'streams')
