-- One row per metric of deployments, with its definition as dbt documents it.
select
    model_name,
    label,
    question,
    description
from catalog_models
where model_kind = 'metric' or model_name = 'trains'
