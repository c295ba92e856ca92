with

screened_spans as (
    select * from {{ ref('int_task_spans_screened') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

-- How long a state has lasted differs from build to build, so that only this part does not grow.
spans_measured as (
    select
        screened_spans.task_id,
        screened_spans.span_kind,
        screened_spans.board_phid,
        screened_spans.span_value,
        case
            when screened_spans.ended_at is null
                then greatest({{ days_between('screened_spans.started_at', 'extraction.as_of') }}, 0)
            else {{ days_between('screened_spans.started_at', 'screened_spans.ended_at') }}
        end as span_days,
        screened_spans.is_published,
        screened_spans.started_at,
        screened_spans.ended_at
    from screened_spans
    cross join extraction
)

select * from spans_measured
