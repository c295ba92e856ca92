{#-
  Models that grow: built whole the first time, and then only for what was landed since the last complete build.
  `dddcli build` writes down how far that build came (ddd.increments); where nothing is written down, everything is new.
-#}

{#- Whether this model is there from the last build; a unit test has no such table. -#}
{%- macro is_growing() -%}
    {{ return(this is not none and is_incremental()) }}
{%- endmacro %}

{#- The greatest batch of raw documents that the last complete build has seen. -#}
{%- macro last_built_batch() -%}
    {%- set built = load_relation(api.Relation.create(database=this.database, schema=this.schema, identifier='built_documents')) -%}
    {%- if built is none -%}0{%- else -%}(select max(batch) from {{ built }}){%- endif -%}
{%- endmacro %}

{#- Whether a row is new since the last complete build; with `where` before it. -#}
{%- macro where_new(batch='batch') -%}
    {%- if is_growing() -%}where {{ batch }} > {{ last_built_batch() }}{%- endif -%}
{%- endmacro %}

{#- Takes the rows away that will be built anew: those of the streams' new documents. For pre_hook. -#}
{%- macro make_room(key_column, table_names) -%}
    {#- dbt reads which tables a hook needs when nothing is incremental yet -#}
    {%- set tables = [] -%}
    {%- for table_name in table_names -%}{%- do tables.append(source('raw', table_name)) -%}{%- endfor -%}
    {%- if is_growing() -%}
        delete from {{ this }} where
        {%- for table in tables %}
        {{ key_column }} in (select try_cast(key as bigint) from {{ table }} where batch > {{ last_built_batch() }})
        {{- ' or' if not loop.last }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- The same for transactions of transaction.search, which get their task's number from the task's document. -#}
{%- macro make_room_for_records() -%}
    {%- set tasks = source('raw', 'phabricator_tasks') -%}
    {%- set records = ref('stg_phabricator__transaction_records') -%}
    {%- if is_growing() -%}
        delete from {{ this }}
        where
            task_id in (select try_cast(key as bigint) from {{ tasks }} where batch > {{ last_built_batch() }})
            and transaction_id in (select transaction_id from {{ records }})
    {%- endif -%}
{%- endmacro %}
