with

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

projects as (
    select * from {{ ref('stg_phabricator__projects') }}
),

spaces_of_objects as (
    select
        space_phid,
        1 as tasks_count
    from tasks
    union all
    select
        space_phid,
        0 as tasks_count
    from projects
),

spaces as (
    select
        space_phid,
        row_number() over (order by sum(tasks_count) desc, space_phid asc) as place
    from spaces_of_objects
    where space_phid is not null
    group by space_phid
),

-- With nothing set, the space of most tasks is taken for the one that is meant for everybody.
published_spaces as (
    select space_phid
    from spaces
    where {{ is_allowed_space('space_phid', 'place') }}
)

select * from published_spaces
