-- One row per project that has a report of its own, the most active first, after one for the whole site.
select
    project_phid,
    project_path,
    page_name,
    place
from _reported
order by place
