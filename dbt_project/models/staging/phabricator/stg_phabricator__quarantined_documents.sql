with

landed_in_quarantine as (
    select
        stream,
        key as document_key,
        reason,
        quarantined_at
    from {{ source('raw', 'quarantine') }}
    where source = 'phabricator' and resolved_at is null
),

unreadable_tasks as ({{ unreadable_documents('tasks', 'task_id') }}
),

unreadable_transactions as ({{ unreadable_documents('transactions', 'transaction_id') }}
),

unreadable_transaction_records as ({{ unreadable_documents('transaction_records', 'transaction_id') }}
),

-- transaction.search names a task by its PHID alone.
records_without_task as (
    select
        'transaction_records' as stream,
        documents.key as document_key,
        'Its task is not known here: ' || records.task_phid as reason,
        documents.fetched_at as quarantined_at
    from {{ ref('stg_phabricator__transaction_records') }} as records
    inner join {{ source('raw', 'phabricator_transaction_records') }} as documents
        on cast(records.transaction_id as varchar) = documents.key and records.batch = documents.batch
    left join {{ ref('stg_phabricator__tasks') }} as tasks on records.task_phid = tasks.task_phid
    where tasks.task_phid is null
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
    select * from unreadable_transaction_records
    union all
    select * from records_without_task
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
