with

quarantined_documents as (
    select * from {{ ref('stg_phabricator__quarantined_documents') }}
),

streams as (
    select * from {{ ref('streams') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

events as (
    select * from {{ ref('int_task_events_normalised') }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

statuses as (
    select * from {{ ref('int_statuses_given_roles') }}
),

users as (
    select * from {{ ref('stg_phabricator__users') }}
),

-- Nobody knows what an unreadable document is about.
unreadable_documents as (
    select
        'unreadable document' as finding,
        'document' as object_kind,
        stream || ' ' || coalesce(document_key, 'without a key') as object_key,
        reason as detail,
        false as is_published
    from quarantined_documents
),

streams_behind as (
    select
        'stream behind' as finding,
        'stream' as object_kind,
        streams.source || ' ' || streams.stream as object_key,
        streams.stream || ' of ' || streams.source || ': last fetched completely '
        || coalesce('at ' || streams.complete_at, 'never') || ', tasks at ' || extraction.as_of as detail,
        true as is_published
    from streams
    cross join extraction
    where streams.is_behind
),

-- Changes of private tasks are a finding of their own, so that no figure tells the public of them.
unknown_types as (
    select
        'unknown transaction type' as finding,
        'transaction type' as object_kind,
        events.event_type as object_key,
        substr(events.event_type, 9) || ' is the type of ' || {{ counted('count(*)', 'change') }}
        || ' of ' || {{ counted('count(distinct events.task_id)', 'task') }} as detail,
        screened_tasks.is_published
    from events
    inner join screened_tasks on events.task_id = screened_tasks.task_id
    where events.event_type like 'unknown:%'
    group by events.event_type, screened_tasks.is_published
),

statuses_without_role as (
    select
        'status without role' as finding,
        'status' as object_kind,
        status as object_key,
        'status ' || status_name || ' fits no pattern of status_roles.csv' as detail,
        true as is_published
    from statuses
    where status_role is null
),

actors as (
    select
        events.actor_phid,
        count(*) as changes_count
    from events
    where events.actor_phid is not null
    group by events.actor_phid
),

unknown_users as (
    select
        'unknown user' as finding,
        'user' as object_kind,
        actors.actor_phid as object_key,
        actors.actor_phid || ' made ' || {{ counted('actors.changes_count', 'change') }}
        || '; nothing is known of it' as detail,
        false as is_published
    from actors
    left join users on actors.actor_phid = users.user_phid
    where users.user_phid is null
),

findings as (
    select * from unreadable_documents
    union all
    select * from streams_behind
    union all
    select * from unknown_types
    union all
    select * from statuses_without_role
    union all
    select * from unknown_users
)

select * from findings
