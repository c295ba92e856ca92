-- Overview: how many findings there are about the data, by severity
select
    severity,
    count(*) as findings_count
from data_quality
group by severity
order by case severity when 'error' then 1 when 'warning' then 2 else 3 end
