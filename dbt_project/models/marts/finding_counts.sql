with

findings as (
    select * from {{ ref('data_quality') }}
),

published_findings as (
    select * from findings
    where is_published
),

counted_findings as (
    select
        severity,
        finding,
        count(*) as findings_count,
        max(consequence) as consequence
    from published_findings
    group by severity, finding
)

select * from counted_findings
