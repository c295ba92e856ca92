{#-
  Models that grow: built whole the first time, and then only for what was landed since the last complete build.
  `dddcli build` writes down how far that build came, and decides whether it may go on from there (ddd.increments).
-#}

{#- Whether this model is there from the last build; a unit test has no such table. -#}
{%- macro is_growing() -%}
    {{ return(this is not none and is_incremental()) }}
{%- endmacro %}

{#- The greatest batch of raw documents that the last complete build has seen. -#}
{%- macro last_built_batch() -%}
    (select batch from {{ api.Relation.create(database=this.database, schema=this.schema, identifier='built_documents') }})
{%- endmacro %}

{#- Takes the place of dbt's own: plain dbt builds whole also what grows, for who calls it has edited models. -#}
{%- macro should_full_refresh() -%}
    {{ return(env_var('DDD_GROWS', '') != 'true') }}
{%- endmacro %}

{#- What plain dbt built may be of models that were edited: `dddcli build` must not grow from it. For on-run-start. -#}
{%- macro forget_last_build() -%}
    {%- if execute and should_full_refresh() and flags.WHICH in ('run', 'build', 'seed') -%}
        drop table if exists built_documents
    {%- endif -%}
{%- endmacro %}

{#- Whether a row is of a key of which a document was landed since the last complete build: the landing decides and not the
    row's own batch, for where the newest document cannot be read an older one counts. -#}
{%- macro is_of_new_document(key_column, table_names) -%}
    {#- dbt reads which tables are needed when nothing is growing yet -#}
    {%- set tables = [] -%}
    {%- if is_growing() or not execute -%}
        {%- for table_name in table_names -%}{%- do tables.append(source('raw', table_name)) -%}{%- endfor -%}
    {%- endif -%}
    {%- if is_growing() -%}
        (
            {%- for table in tables %}
            {{ key_column }} in (select try_cast(key as bigint) from {{ table }} where batch > {{ last_built_batch() }})
            {{- ' or' if not loop.last }}
            {%- endfor %}
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The same for transactions, among them those of transaction.search that are of a task with a new document: they got the
    task's number from it. -#}
{%- macro is_of_new_transaction() -%}
    {%- if is_growing() or not execute -%}
        {%- set records = ref('stg_phabricator__transaction_records') -%}
        {%- set in_full = source('raw', 'phabricator_transactions') -%}
    {%- endif -%}
    {%- set is_new = is_of_new_document('transaction_id', ['phabricator_transactions', 'phabricator_transaction_records']) -%}
    {%- set is_of_new_task = is_of_new_document('task_id', ['phabricator_tasks']) -%}
    (
        {{ is_new }}
        {% if is_growing() -%}
        or (
            {{ is_of_new_task }}
            and transaction_id in (select transaction_id from {{ records }})
            and transaction_id not in (
                select try_cast(key as bigint) from {{ in_full }} where try_cast(key as bigint) is not null
            )
        )
        {%- endif %}
    )
{%- endmacro %}

{#- Takes the rows away that are built anew. For pre_hook. -#}
{%- macro make_room(condition) -%}
    {%- if is_growing() -%}delete from {{ this }} where {{ condition }}{%- endif -%}
{%- endmacro %}
