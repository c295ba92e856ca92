-- One row per model that is published, with its definition as dbt documents it.
select
    model_name,
    label,
    question,
    description
from catalog_models
