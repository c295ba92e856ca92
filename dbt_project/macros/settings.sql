{#- When a task that is closed was finished, by var reopening_policy. -#}
{%- macro finishing_time(closings) -%}
    {%- set columns = {'last close': 'last_closed_at', 'first close': 'first_closed_at'} -%}
    {%- if var('reopening_policy') not in columns -%}
        {{ exceptions.raise_compiler_error("var reopening_policy is '" ~ var('reopening_policy') ~ "': say 'last close' or 'first close'") }}
    {%- endif -%}
    {{ closings }}.{{ columns[var('reopening_policy')] }}
{%- endmacro %}
