with

landed_in_quarantine as (
    select
        stream,
        key as document_key,
        reason,
        quarantined_at
    from {{ source('raw', 'quarantine') }}
    where source = 'phabricator'
),

unreadable_tasks as ({{ unreadable_documents('tasks', 'task_id') }}
),

unreadable_transactions as ({{ unreadable_documents('transactions', 'transaction_id') }}
),

unreadable_projects as ({{ unreadable_documents('projects', 'project_phid') }}
),

unreadable_columns as ({{ unreadable_documents('columns', 'column_phid') }}
),

unreadable_users as ({{ unreadable_documents('users', 'user_phid') }}
),

unreadable_statuses as ({{ unreadable_documents('statuses', 'status') }}
),

unreadable_priorities as ({{ unreadable_documents('priorities', 'priority') }}
),

unioned as (
    select * from landed_in_quarantine
    union all
    select * from unreadable_tasks
    union all
    select * from unreadable_transactions
    union all
    select * from unreadable_projects
    union all
    select * from unreadable_columns
    union all
    select * from unreadable_users
    union all
    select * from unreadable_statuses
    union all
    select * from unreadable_priorities
)

select * from unioned
