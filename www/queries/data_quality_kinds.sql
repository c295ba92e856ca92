-- Data quality: kinds of findings, with how many there are and why they matter
with kinds as (
    select
        severity,
        finding,
        count(*) as findings_count
    from data_quality
    group by severity, finding
)

select
    kinds.severity,
    kinds.finding,
    kinds.findings_count,
    (
        select data_quality.consequence
        from data_quality
        where data_quality.severity = kinds.severity and data_quality.finding = kinds.finding
        limit 1
    ) as consequence
from kinds
order by
    case kinds.severity when 'error' then 1 when 'warning' then 2 else 3 end,
    kinds.findings_count desc,
    kinds.finding
