with

tasks as (
    select * from {{ ref('stg_phabricator__tasks') }}
),

tasks_by_space as (
    select
        space_phid,
        row_number() over (order by count(*) desc, space_phid asc) as place
    from tasks
    where space_phid is not null
    group by space_phid
),

-- With nothing set, the space of most tasks is taken for the one that is meant for everybody.
published_spaces as (
    {%- if var('export_spaces') %}
    {%- for space_phid in var('export_spaces') %}
    select '{{ space_phid | replace("'", "''") }}' as space_phid
    {%- if not loop.last %}
    union
    {%- endif %}
    {%- endfor %}
    {%- else %}
    select space_phid
    from tasks_by_space
    where place = 1
    {%- endif %}
)

select * from published_spaces
