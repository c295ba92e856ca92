with

statuses as (
    select * from {{ ref('stg_phabricator__statuses') }}
),

default_statuses as (
    select * from {{ ref('default_statuses') }}
),

gone_objects as (
    select * from {{ ref('int_objects_gone') }}
    where stream = 'statuses'
),

-- What the server said of a status that it no longer lists holds for the time when tasks were in it.
statuses_of_server as (
    select
        statuses.status,
        statuses.status_name,
        case when gone_objects.object_key is null then statuses.special end as special,
        statuses.is_closed,
        gone_objects.object_key is null as is_listed
    from statuses
    left join gone_objects on statuses.status = gone_objects.object_key
),

statuses_by_default as (
    select
        default_statuses.status,
        default_statuses.status_name,
        cast(null as varchar) as special,
        default_statuses.is_closed,
        false as is_listed
    from default_statuses
    left join statuses on default_statuses.status = statuses.status
    where statuses.status is null
),

all_statuses as (
    select * from statuses_of_server
    union all
    select * from statuses_by_default
)

select * from all_statuses
