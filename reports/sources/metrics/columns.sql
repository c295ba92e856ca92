-- One row per published column, with its definition as dbt documents it.
select
    model_name,
    column_name,
    coalesce(nullif(label, ''), column_name) as label,
    unit,
    description
from catalog_columns
