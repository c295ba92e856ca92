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
        when {{ raw_type }} = 'core:interact-policy' then 'interact_policy'
        when {{ raw_type }} = 'mergedinto' then 'merged'
        when {{ raw_type }} = 'mergedfrom' then 'merged_from'
        when {{ raw_type }} = 'token:give' then 'token'
        when {{ raw_type }} = 'projects' then 'project'
        when {{ raw_type }} = 'parent' then 'parent'
        when {{ raw_type }} in ('core:file', 'attach') then 'file'
        when {{ raw_type }} = 'cover-image' then 'cover_image'
        when {{ raw_type }} = 'subpriority' then 'order'
        when {{ raw_type }} in ('core:edge', 'edge') then
            case {{ edge_type }}
                when 1 then 'commit'
                when 3 then 'subtask'
                when 4 then 'parent'
                when 11 then 'revision'
                when 21 then 'subscribers'
                when 25 then 'file'
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
            'core:space', 'core:view-policy', 'core:edit-policy', 'core:interact-policy'
        ) then 'scalar'
        when {{ raw_type }} in (
            'core:edge', 'edge', 'projects', 'core:subscribers', 'ccs', 'mergedfrom', 'parent', 'core:file'
        ) then 'set'
        when {{ raw_type }} = 'unblock' then 'map'
        when {{ raw_type }} = 'core:columns' then 'moves'
        when {{ raw_type }} = 'projectcolumn' then 'board move'
        when {{ raw_type }} = 'column' then 'bare move'
        else 'none'
    end
{%- endmacro %}

{#- One change within a transaction, as a STRUCT of texts. -#}
{%- macro change(old_value='null', new_value='null', board_phid='null', object_phid='null') -%}
    struct_pack(
        old_value := cast({{ old_value }} as varchar),
        new_value := cast({{ new_value }} as varchar),
        board_phid := cast({{ board_phid }} as varchar),
        object_phid := cast({{ object_phid }} as varchar)
    )
{%- endmacro %}

{#- One row with the status that new tasks have and the one that merging sets, as the server says or as is usual. -#}
{%- macro special_statuses(statuses) -%}
    select
        coalesce(max(case when special = 'default' then status end), 'open') as default_status,
        coalesce(max(case when special = 'duplicate' then status end), 'duplicate') as duplicate_status
    from {{ statuses }}
{%- endmacro %}

{#- The PHIDs that a list of {operation, phid} adds or removes, as JSON. -#}
{%- macro phids_of_operations(operations, operation) -%}
    to_json(list_transform(
        list_filter({{ operations }}, lambda step: step['operation'] = '{{ operation }}'),
        lambda step: step['phid']
    ))
{%- endmacro %}
