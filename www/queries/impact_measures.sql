-- Impact: what can be measured before and after a change
select
    measure,
    family,
    unit
from measures
order by sequence
