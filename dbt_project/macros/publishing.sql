{#- Whether a view policy is one that may be published (var export_policies). -#}
{%- macro is_allowed_policy(view_policy) -%}
    {{ view_policy }} in ({{ quoted_list(var('export_policies')) }})
{%- endmacro %}

{#- Whether an object may be published of which nothing is known but its PHID: no more than a policy that is not known. -#}
{%- macro is_allowed_unknown() -%}
    {{ 'true' if 'unknown' in var('export_policies') else 'false' }}
{%- endmacro %}

{#- Whether an event's values may be shown: those of custom fields only where var event_custom_fields names the field. -#}
{%- macro may_show_values(events) -%}
    {{ events }}.event_type != 'custom_field'
    {%- if var('event_custom_fields') %}
    or {{ events }}.field_name in ({{ quoted_list(var('event_custom_fields')) }})
    {%- endif %}
{%- endmacro %}

{#- Whether a space is one whose objects may be published: named in var export_spaces, else the one of most tasks. -#}
{%- macro is_allowed_space(space_phid, place) -%}
    {%- if var('export_spaces') -%}
    {{ space_phid }} in ({{ quoted_list(var('export_spaces')) }})
    {%- else -%}
    {{ place }} = 1
    {%- endif -%}
{%- endmacro %}

{#- Words as a list of SQL strings. -#}
{%- macro quoted_list(words) -%}
    {%- for word in words -%}'{{ word | replace("'", "''") }}'{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}
