{#- A period starts before it ends, or has no end; where it may be empty, it may end when it starts. -#}
{% test half_open(model, started_at, ended_at, may_be_empty=false) %}

select {{ started_at }}, {{ ended_at }}
from {{ model }}
where {{ ended_at }} {{ '<' if may_be_empty else '<=' }} {{ started_at }}

{% endtest %}
