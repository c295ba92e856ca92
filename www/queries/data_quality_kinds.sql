-- Data quality: kinds of findings, with how many there are and why they matter
select
    severity,
    finding,
    findings_count,
    consequence
from finding_counts
order by
    case severity when 'error' then 1 when 'warning' then 2 else 3 end,
    findings_count desc,
    finding
