-- One row per stream of documents: when it was last fetched to its end.
select
    source,
    replace(stream, '_', ' ') as stream,
    last_mode,
    last_outcome,
    behind_days,
    is_behind,
    complete_at,
    tried_at,
    runs_count,
    complete_runs_count
from streams
order by source != 'phabricator', source, stream
