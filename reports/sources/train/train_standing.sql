-- One row per measure of each of the last two trains: its place among those of the year before it.
with last_trains as (
    select version
    from trains
    order by started_at desc
    limit 2
)

select
    metric_train_standing.version,
    metric_train_standing.measure,
    metric_train_standing.unit,
    metric_train_standing.measured_value,
    metric_train_standing.usual_p50_value,
    metric_train_standing.trains_count,
    metric_train_standing.place_share
from metric_train_standing
inner join last_trains on metric_train_standing.version = last_trains.version
