with

subjects as (
    select
        subject_kind,
        subject_key,
        is_compared,
        is_charted
    from {{ ref('int_impact_subjects') }}
)

select * from subjects
