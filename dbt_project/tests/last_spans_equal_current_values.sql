-- What history says a task is in must be what the server says. It may differ where transactions are
-- missing, and where a task changed between the two requests that read it; then the server is right
-- about now.
{{ config(severity='warn') }}

with

differences as (
    select * from {{ ref('int_task_spans_compared') }}
)

select * from differences
