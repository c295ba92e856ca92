with

changes as (
    select * from {{ ref('stg_gerrit__changes') }}
),

-- A footer is a line of the last paragraph; the same words above it are prose.
last_paragraphs as (
    select
        change_number,
        regexp_extract(trim(commit_message, chr(10)), '(?:^|\n\s*\n)((?:[^\n]|\n[^\n])*)$', 1) as footers
    from changes
),

named_tasks as (
    select distinct
        change_number,
        cast(unnest(regexp_extract_all(footers, '(?im)^Bug:\s*T(\d{1,9})\b', 1)) as bigint) as task_id
    from last_paragraphs
)

select * from named_tasks
