{#- The newest readable document of every key of a raw table: key, document, batch; where the model grows, only of keys
    that are new here or in the other tables, which tell of the same objects. Only row numbers are compared and
    grouped, for documents are long. -#}
{%- macro latest_documents(table_name, other_tables=[]) %}
    select
        key,
        document,
        batch
    from {{ source('raw', table_name) }}
    where rowid in (
        select max_by(rowid, (batch, coalesce(modified_at, timestamp '1970-01-01'), rowid))
        from {{ source('raw', table_name) }}
        where
            json_valid(document)
            {% if is_growing() -%}
            and key in (
                {%- for one in [table_name] + other_tables %}
                select key from {{ source('raw', one) }} where batch > {{ last_built_batch() }}
                {{- ' union all' if not loop.last }}
                {%- endfor %}
            )
            {%- endif %}
        group by key
    )
{%- endmacro %}

{#- A JSON text as a STRUCT, unpacked once; absent fields and values of a wrong type become null. -#}
{%- macro from_document(document, structure) -%}
    from_json({{ document }}, '{{ structure | replace("\n", "") | replace("    ", "") }}')
{%- endmacro %}

{#- The same for a whole document, read once: DuckDB moves conditions on its fields below the projection and then reads
    it once more for each of them, but not below an unnesting. -#}
{%- macro unpacked_document(document, structure) -%}
    unnest([{{ from_document(document, structure) }}])
{%- endmacro %}

{#- A JSON scalar as text: strings without quotes, numbers as written; JSON's null is null. -#}
{%- macro json_scalar(json) -%}
    {{ without_nul(json ~ " ->> '$'") }}
{%- endmacro %}

{#- The PHIDs of a JSON value as a list without duplicates, in whichever of PHP's shapes it comes:
    a list, a map from PHID to anything, a map from number to PHID (a list with holes), one string, or nothing. -#}
{%- macro json_phids(json) -%}
    list_sort(list_distinct(
        case json_type({{ json }})
            when 'ARRAY' then json_extract_string({{ json }}, '$[*]')
            when 'OBJECT' then
                case
                    when regexp_full_match(json_keys({{ json }})[1], '\d+') then json_extract_string({{ json }}, '$.*')
                    else json_keys({{ json }})
                end
            when 'VARCHAR' then [{{ json }} ->> '$']
            else []
        end
    ))
{%- endmacro %}

{#- What is in the first list and not in the second. -#}
{%- macro list_difference(list, other_list) -%}
    list_filter({{ list }}, lambda item: not list_contains({{ other_list }}, item))
{%- endmacro %}

{#- Text without NUL characters, which Conduit passes on and SQLite and Parquet do not take. -#}
{%- macro without_nul(text) -%}
    replace({{ text }}, chr(0), '')
{%- endmacro %}

{#- A JSON list, also where PHP made a map of it because its numbers had holes. -#}
{%- macro json_list(json) -%}
    case
        when json_type({{ json }}) = 'OBJECT' then to_json(json_extract({{ json }}, '$.*'))
        else {{ json }}
    end
{%- endmacro %}

{#- The documents of a stream that its staging model could not read, for stg_phabricator__quarantined_documents. -#}
{%- macro unreadable_documents(stream, key) %}
    select
        '{{ stream }}' as stream,
        key as document_key,
        case
            when json_valid(document) then 'The document lacks a key that every such object has'
            else 'The document is not valid JSON for DuckDB'
        end as reason,
        fetched_at as quarantined_at
    from {{ source('raw', 'phabricator_' ~ stream) }}
    -- only keys are compared, for documents are long
    where rowid in (
        select rowid
        from {{ source('raw', 'phabricator_' ~ stream) }}
        where key not in (
            select cast({{ key }} as varchar) from {{ ref('stg_phabricator__' ~ stream) }}
        )
    )
{%- endmacro %}

{#- The newest readable documents of a source that says at every run all that it holds, without those that are gone: the last
    visibility change of their key says so. -#}
{%- macro present_documents(source_name, stream) %}
    select * from ({{ latest_documents(source_name ~ '_' ~ stream) }}
    ) as latest
    where key not in (
        select key
        from {{ source('raw', 'visibility_changes') }}
        where source = '{{ source_name }}' and stream = '{{ stream }}'
        group by key
        having not max_by(is_visible, batch)
    )
{%- endmacro %}
