-- Search: trains whose version has the text of q
select version, conductor, started_at
from trains
where coalesce(:q, '') <> '' and instr(lower(version), lower(:q)) > 0
order by version_sort_key desc
limit 21
