{#- What a Phabricator transaction is called here. A type that is not known keeps its raw name after 'unknown:'. -#}
{%- macro event_type(raw_type, edge_type) -%}
    case
        when {{ raw_type }} = 'core:create' then 'created'
        when {{ raw_type }} in ('status', 'priority', 'title', 'points', 'description', 'unblock') then
            case {{ raw_type }} when 'unblock' then 'subtask_status' else {{ raw_type }} end
        when {{ raw_type }} = 'reassign' then 'owner'
        when {{ raw_type }} in ('core:columns', 'projectcolumn', 'column') then 'column'
        when {{ raw_type }} in ('core:subscribers', 'ccs') then 'subscribers'
        when {{ raw_type }} in ('core:comment', 'comment') then 'comment'
        when {{ raw_type }} = 'core:customfield' then 'custom_field'
        when {{ raw_type }} = 'core:subtype' then 'subtype'
        when {{ raw_type }} = 'core:space' then 'space'
        when {{ raw_type }} = 'core:view-policy' then 'view_policy'
        when {{ raw_type }} = 'core:edit-policy' then 'edit_policy'
        when {{ raw_type }} = 'mergedinto' then 'merged'
        when {{ raw_type }} = 'mergedfrom' then 'merged_from'
        when {{ raw_type }} = 'token:give' then 'token'
        when {{ raw_type }} = 'projects' then 'project'
        when {{ raw_type }} in ('core:edge', 'edge') then
            case {{ edge_type }}
                when 1 then 'commit'
                when 3 then 'subtask'
                when 4 then 'parent'
                when 11 then 'revision'
                when 21 then 'subscribers'
                when 41 then 'project'
                when 51 then 'mentioned'
                when 52 then 'mention'
                when 62 then 'duplicate'
                when 63 then 'duplicate_of'
                else 'unknown:' || {{ raw_type }} || coalesce(':' || {{ edge_type }}, '')
            end
        else 'unknown:' || {{ raw_type }}
    end
{%- endmacro %}

{#- In which form a transaction of this type says what changed. Types without a value worth keeping are 'none'. -#}
{%- macro change_shape(raw_type) -%}
    case
        when {{ raw_type }} in (
            'status', 'priority', 'title', 'points', 'reassign', 'mergedinto', 'core:customfield', 'core:subtype',
            'core:space', 'core:view-policy', 'core:edit-policy'
        ) then 'scalar'
        when {{ raw_type }} in ('core:edge', 'edge', 'projects', 'core:subscribers', 'ccs', 'mergedfrom') then 'set'
        when {{ raw_type }} = 'unblock' then 'map'
        when {{ raw_type }} = 'core:columns' then 'moves'
        when {{ raw_type }} = 'projectcolumn' then 'board move'
        when {{ raw_type }} = 'column' then 'bare move'
        else 'none'
    end
{%- endmacro %}
