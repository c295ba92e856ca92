-- One row per kind of finding on the data, with why it matters and its first examples.
with numbered as (
    select
        severity,
        finding,
        object_kind,
        consequence,
        detail,
        row_number() over (partition by severity, finding order by object_key, task_id, detail) as place,
        count(*) over (partition by severity, finding) as findings_count
    from data_quality
)

select
    severity,
    finding,
    findings_count,
    consequence,
    group_concat(detail, char(10)) as first_details
from numbered
where place <= 5
group by severity, finding, findings_count, consequence
order by
    case severity when 'error' then 1 when 'warning' then 2 else 3 end,
    findings_count desc,
    finding
