{#- Whether a view policy is one that may be published (var export_policies). -#}
{%- macro is_allowed_policy(view_policy) -%}
    {{ view_policy }} in ({% for policy in var('export_policies') %}'{{ policy | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- Whether an event's values may be shown: those of custom fields only where var event_custom_fields names the field. -#}
{%- macro may_show_values(events) -%}
    {{ events }}.event_type != 'custom_field'
    {%- if var('event_custom_fields') %}
    or {{ events }}.field_name in ({% for field in var('event_custom_fields') %}'{{ field | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- endif %}
{%- endmacro %}
