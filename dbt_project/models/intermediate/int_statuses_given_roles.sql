with

statuses as (
    select * from {{ ref('int_statuses_gathered') }}
),

status_roles as (
    select * from {{ ref('status_roles') }}
),

matches as (
    select
        statuses.status,
        status_roles.role as status_role,
        row_number() over (partition by statuses.status order by status_roles.priority) as place
    from statuses
    inner join status_roles
        on
            {{ matches('statuses.status', 'status_roles.pattern') }}
            or {{ matches('statuses.status_name', 'status_roles.pattern') }}
),

-- What the server calls closed is done, whatever its name.
statuses_with_roles as (
    select
        statuses.status,
        statuses.status_name,
        statuses.special,
        statuses.is_closed,
        case when statuses.is_closed then 'done' else matches.status_role end as status_role
    from statuses
    left join matches on statuses.status = matches.status and matches.place = 1
)

select * from statuses_with_roles
