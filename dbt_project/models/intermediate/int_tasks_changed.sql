with

documents_landed as (
    select * from {{ ref('stg_phabricator__documents_landed') }}
),

tasks as (
    select * from {{ ref('stg_phabricator__tasks') }}
),

changes as (
    select * from {{ ref('stg_phabricator__transaction_changes') }}
),

last_tasks as (
    {{ rows_of_last_build('int_tasks_gathered', {'task_id': 'bigint', 'task_phid': 'varchar'}) }}
),

last_changes as (
    {{ rows_of_last_build('task_events', {'task_id': 'bigint', 'transaction_id': 'bigint'}) }}
),

transactions_landed as (
    select object_id as transaction_id
    from documents_landed
    where stream = 'transactions'
),

-- A transaction may have been said to be of another task before.
tasks_themselves as (
    select object_id as task_id
    from documents_landed
    where stream = 'tasks'
    union
    select changes.task_id
    from changes
    inner join transactions_landed on changes.transaction_id = transactions_landed.transaction_id
    union
    select last_changes.task_id
    from last_changes
    inner join transactions_landed on last_changes.transaction_id = transactions_landed.transaction_id
),

phids as (
    select tasks.task_phid
    from tasks
    inner join tasks_themselves on tasks.task_id = tasks_themselves.task_id
    union
    select last_tasks.task_phid
    from last_tasks
    inner join tasks_themselves on last_tasks.task_id = tasks_themselves.task_id
),

-- Whether an event may be published depends on the other task that it is about.
tasks_that_name_them as (
    select changes.task_id
    from changes
    inner join phids on changes.object_phid = phids.task_phid
),

changed_tasks as (
    select task_id from tasks_themselves
    union
    select task_id from tasks_that_name_them
)

select * from changed_tasks
