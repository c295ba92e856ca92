with

declared_changes as (
    select * from {{ ref('declared_changes') }}
),

simulated_changes as (
    select * from {{ ref('simulated_changes') }}
),

runs as (
    select * from {{ ref('stg_phabricator__runs') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

installation as (
    select * from {{ ref('int_installation_given_settings') }}
),

projects as (
    select * from {{ ref('stg_phabricator__projects') }}
),

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

closings as (
    select * from {{ ref('int_tasks_closed') }}
),

fields as (
    select * from {{ ref('stg_phabricator__task_fields') }}
),

tags as (
    select * from {{ ref('int_task_tags_gathered') }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

changes_of_seed as (
    select
        nullif(trim(change_key), '') as change_key,
        nullif(trim(title), '') as title,
        nullif(trim(link), '') as link_text,
        nullif(trim(started_date), '') as started_text,
        nullif(trim(ended_date), '') as ended_text,
        coalesce(nullif(lower(trim(roll_out)), ''), 'at once') as roll_out,
        nullif(trim(settled_date), '') as settled_text,
        nullif(trim(projects), '') as projects_text,
        nullif(trim(pipelines), '') as pipelines_text,
        nullif(trim(measures), '') as measures_text,
        nullif(trim(window_weeks), '') as window_text,
        'seed' as declared_in,
        1 as precedence,
        cast(null as bigint) as task_id,
        true as is_task_published
    from declared_changes
),

tag_projects as (
    select distinct projects.project_phid
    from projects
    cross join installation
    where
        {{ is_named_among('projects.project_phid', 'installation.process_change_tags') }}
        or {{ is_named_among('projects.slug', 'installation.process_change_tags') }}
        or {{ is_named_among('projects.project_name', 'installation.process_change_tags') }}
),

named_fields as (
    select {{ names_in('process_change_fields') }} as named
    from installation
),

wanted_fields as (
    select
        {{ field_key_in('named') }} as field_key,
        {{ field_value_in('named') }} as wanted_value
    from named_fields
),

-- By a tag, by a field that is filled in or ticked, or by its value; one that holds a day says when it began.
declaring_tasks as (
    select
        tags.task_id,
        cast(null as date) as field_date
    from tags
    inner join tag_projects on tags.project_phid = tag_projects.project_phid
    union all
    select
        fields.task_id,
        case when wanted_fields.wanted_value is null then {{ day_in_field('fields.field_value') }} end
            as field_date
    from fields
    inner join wanted_fields
        on
            fields.field_key = wanted_fields.field_key
            and case
                when wanted_fields.wanted_value is null then fields.field_value != '0'
                else fields.field_value = wanted_fields.wanted_value
            end
),

declaring_tasks_once as (
    select
        task_id,
        min(field_date) as field_date
    from declaring_tasks
    group by task_id
),

-- Whom it concerns: the tags beside the one that says that it is a change.
projects_of_declaring_tasks as (
    select
        tags.task_id,
        string_agg(tags.project_phid, '; ' order by tags.project_phid) as projects_text
    from tags
    inner join declaring_tasks_once on tags.task_id = declaring_tasks_once.task_id
    left join tag_projects on tags.project_phid = tag_projects.project_phid
    where tag_projects.project_phid is null
    group by tags.task_id
),

-- A task that is open says that something is planned, unless a field has the day; one that was declined, that
-- nothing came of it.
changes_of_tasks as (
    select
        'T' || tasks.task_id as change_key,
        nullif(trim(tasks.title), '') as title,
        cast(null as varchar) as link_text,
        cast(
            coalesce(declaring_tasks_once.field_date, {{ local_date('closings.last_closed_at') }}) as varchar
        ) as started_text,
        cast(null as varchar) as ended_text,
        'at once' as roll_out,
        cast(null as varchar) as settled_text,
        projects_of_declaring_tasks.projects_text,
        cast(null as varchar) as pipelines_text,
        cast(null as varchar) as measures_text,
        cast(null as varchar) as window_text,
        'task' as declared_in,
        2 as precedence,
        tasks.task_id,
        coalesce(screened_tasks.is_published, false) as is_task_published
    from tasks
    inner join declaring_tasks_once on tasks.task_id = declaring_tasks_once.task_id
    left join closings on tasks.task_id = closings.task_id and closings.is_closed
    cross join installation
    left join screened_tasks on tasks.task_id = screened_tasks.task_id
    left join projects_of_declaring_tasks on tasks.task_id = projects_of_declaring_tasks.task_id
    where
        case
            when closings.task_id is null then declaring_tasks_once.field_date is not null
            else {{ is_among('tasks.status', 'installation.process_change_statuses') }}
        end
),

demo_runs as (
    select count(*) as runs_count
    from runs
    where is_demo
),

-- Its dates move with the end of the simulated history, which is the time of the extraction.
simulation as (
    select {{ simulation_founded_date('extraction.as_of') }} as founded_date
    from extraction
    inner join demo_runs on demo_runs.runs_count > 0
),

changes_of_demo as (
    select
        simulated_changes.change_key,
        simulated_changes.title,
        cast(null as varchar) as link_text,
        cast({{ weeks_after('simulation.founded_date', 'simulated_changes.started_week') }} as varchar)
            as started_text,
        cast(null as varchar) as ended_text,
        'at once' as roll_out,
        cast(
            {{ weeks_after(
                'simulation.founded_date',
                'coalesce(simulated_changes.settled_week, simulated_changes.started_week)'
            ) }} as varchar
        ) as settled_text,
        simulated_changes.project_slug as projects_text,
        cast(null as varchar) as pipelines_text,
        simulated_changes.measures as measures_text,
        cast(simulated_changes.window_weeks as varchar) as window_text,
        'demo' as declared_in,
        3 as precedence,
        cast(null as bigint) as task_id,
        true as is_task_published
    from simulated_changes
    cross join simulation
),

all_changes as (
    select * from changes_of_seed
    union all
    select * from changes_of_tasks
    union all
    select * from changes_of_demo
),

-- A line of the seed with a task's number says more of it than the task: it takes its place.
placed as (
    select
        *,
        min(precedence) over (partition by change_key) as first_precedence,
        count(*) over (partition by change_key, precedence) as same_keys_count,
        {{ written_day('started_text') }} as started_date,
        {{ written_day('ended_text') }} as ended_date,
        {{ written_day('settled_text') }} as settled_date,
        {{ whole_number('window_text') }} as written_weeks
    from all_changes
),

checked as (
    select
        change_key,
        title,
        case when regexp_matches(link_text, '^https?://\S+$') then link_text end as link,
        link_text,
        roll_out,
        projects_text,
        pipelines_text,
        measures_text,
        declared_in,
        task_id,
        {{ problem_of_change() }} as problem,
        cast(written_weeks as integer) as window_weeks,
        is_task_published,
        started_date,
        ended_date,
        coalesce(settled_date, started_date) as settled_date
    from placed
    where precedence = first_precedence
)

select * from checked
