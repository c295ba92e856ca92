{%- set streams = {
    'tasks': 'task_id',
    'transactions': 'transaction_id',
    'projects': 'project_phid',
    'columns': 'column_phid',
    'users': 'user_phid',
    'statuses': 'status',
    'priorities': 'priority',
} -%}

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

{% for stream, key in streams.items() %}
unreadable_{{ stream }} as (
    select
        '{{ stream }}' as stream,
        key as document_key,
        case
            when json_valid(document) then 'The document lacks a key that every such object has, or has it in an unknown shape'
            else 'The document is not valid JSON for DuckDB'
        end as reason,
        fetched_at as quarantined_at
    from {{ source('raw', 'phabricator_' ~ stream) }}
    where key not in (
        select cast({{ key }} as varchar) from {{ ref('stg_phabricator__' ~ stream) }}
    )
),

{% endfor %}
unioned as (
    select * from landed_in_quarantine
    {%- for stream in streams %}
    union all
    select * from unreadable_{{ stream }}
    {%- endfor %}
)

select * from unioned
