-- A project may be renamed, archived or hidden: its setting then does nothing, which somebody should
-- know, but no refresh should fail for it.
{{ config(severity='warn') }}

with

unmatched_settings as (
    select * from {{ ref('int_settings_checked') }}
    where not is_matched
)

select * from unmatched_settings
