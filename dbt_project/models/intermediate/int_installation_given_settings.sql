with

checked_settings as (
    select * from {{ ref('int_settings_checked') }}
    where problem is null and project is null
),

-- Where the seed says nothing, or nothing that makes sense, the default holds.
installation as (
    select {{ pivoted_settings('setting', 'setting_value', has_default=true) }}
    from checked_settings
),

typed as (
    select {{ typed_settings('installation') }}
    from installation
)

select * from typed
