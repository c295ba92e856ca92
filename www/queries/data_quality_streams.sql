-- Data quality: when each stream of documents was last fetched, and how that ended
select
    source,
    stream,
    last_mode,
    last_outcome,
    is_behind,
    behind_days,
    complete_at,
    tried_at,
    runs_count,
    complete_runs_count
from streams
order by source = 'phabricator' desc, source, stream
