with

tasks as (
    select * from {{ ref('int_tasks_gathered') }}
),

statuses as (
    select * from {{ ref('int_statuses_given_roles') }}
),

closings as (
    select * from {{ ref('int_tasks_closed') }}
),

starts as (
    select * from {{ ref('int_tasks_started') }}
),

transactions as (
    select * from {{ ref('stg_phabricator__transactions') }}
),

screened_tasks as (
    select * from {{ ref('int_tasks_screened') }}
),

extraction as (
    select * from {{ ref('int_extraction_dated') }}
),

settings as (
    select * from {{ ref('int_installation_given_settings') }}
),

transaction_counts as (
    select
        task_id,
        count(*) as transactions_count
    from transactions
    group by task_id
),

tasks_with_history as (
    select
        tasks.*,
        statuses.status_role,
        screened_tasks.is_published,
        extraction.as_of,
        {{ starting_time('starts', 'tasks.created_at', 'settings') }} as started_at,
        closings.first_closed_at,
        closings.last_closed_at,
        coalesce(closings.is_closed, false) as is_closed,
        coalesce(closings.reopened_count, 0) as reopened_count,
        coalesce(transaction_counts.transactions_count, 0) as transactions_count,
        {{ finishing_time('closings', 'settings') }} as closed_at
    from tasks
    inner join screened_tasks on tasks.task_id = screened_tasks.task_id
    cross join extraction
    cross join settings
    left join statuses on tasks.status = statuses.status
    left join closings on tasks.task_id = closings.task_id
    left join starts on tasks.task_id = starts.task_id
    left join transaction_counts on tasks.task_id = transaction_counts.task_id
),

tasks_with_durations as (
    select
        task_id,
        task_phid,
        author_phid,
        owner_phid,
        closer_phid,
        space_phid,
        title,
        status,
        status_name,
        status_role,
        cast(priority as integer) as priority,
        priority_name,
        subtype,
        view_policy,
        points,
        cast(reopened_count as bigint) as reopened_count,
        cast(transactions_count as bigint) as transactions_count,
        {{ days_between('created_at', 'closed_at') }} as lead_time_days,
        case
            when started_at <= closed_at then {{ days_between('started_at', 'closed_at') }}
        end as cycle_time_days,
        case
            when not is_closed then greatest({{ days_between('created_at', 'as_of') }}, 0)
        end as age_days,
        case
            when not is_closed and started_at is not null
                then greatest({{ days_between('started_at', 'as_of') }}, 0)
        end as work_item_age_days,
        is_closed,
        is_published,
        created_at,
        modified_at,
        started_at,
        first_closed_at,
        last_closed_at,
        closed_at,
        {{ local_date('closed_at') }} as closed_date,
        {{ period_start("'month'", 'closed_at') }} as closed_month_started_date
    from tasks_with_history
)

select * from tasks_with_durations
