with

definition_changes as (
    select * from {{ ref('definition_changes') }}
),

redefinitions as (
    select
        metric_name,
        {{ written_day('changed_date') }} as changed_date,
        what,
        holds_for = 'all weeks' as is_of_past
    from definition_changes
)

select * from redefinitions
