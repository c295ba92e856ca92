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
    (select batch from {{ as_last_built('built_documents') }})
{%- endmacro %}

{#- Whether the warehouse is a copy of the last complete build, which has this model (or, where none is named, at all). -#}
{%- macro begins_with(model_name='built_documents') -%}
    {%- if not execute or should_full_refresh() -%}{{ return(false) }}{%- endif -%}
    {{ return(load_relation(as_last_built(model_name)) is not none) }}
{%- endmacro %}

{#- A model's table as the last complete build left it: while the model itself is not built yet. -#}
{%- macro as_last_built(model_name) -%}
    {{ return(api.Relation.create(database=target.database, schema=target.schema, identifier=model_name)) }}
{%- endmacro %}

{#- What a model held after the last complete build; nothing where it is built anew. columns: their types by name. -#}
{%- macro rows_of_last_build(model_name, columns) -%}
    {%- if begins_with(model_name) -%}
        select {{ columns.keys() | join(', ') }} from {{ as_last_built(model_name) }}
    {%- else -%}
        select
            {%- for name, type in columns.items() %} cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}{% endfor %}
        where false
    {%- endif -%}
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
    task's number from it. The first condition alone lets the database leave out nearly all rows before it reads them. -#}
{%- macro is_of_new_transaction() -%}
    {%- if is_growing() or not execute -%}
        {%- set records = ref('stg_phabricator__transaction_records') -%}
        {%- set in_full = source('raw', 'phabricator_transactions') -%}
        {%- set as_records = source('raw', 'phabricator_transaction_records') -%}
    {%- endif -%}
    {%- set is_of_new_task = is_of_new_document('task_id', ['phabricator_tasks']) -%}
    {%- if is_growing() -%}
        {%- set new_transactions -%}
            select try_cast(key as bigint) from {{ in_full }} where batch > {{ last_built_batch() }}
            union all
            select try_cast(key as bigint) from {{ as_records }} where batch > {{ last_built_batch() }}
        {%- endset -%}
        (
            transaction_id in (
                {{ new_transactions }}
                union all
                select transaction_id from {{ records }} as records
                where not exists (
                    select 1 from {{ in_full }} as in_full where try_cast(in_full.key as bigint) = records.transaction_id
                )
            )
            and (transaction_id in ({{ new_transactions }}) or {{ is_of_new_task }})
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Whether a row is of a task that may be another one than in the last build (int_tasks_changed). Models that ask this grow by
    task; `dddcli build` lets them begin anew when a project, column, status or priority changed. -#}
{%- macro is_of_changed_task(task_id='task_id') -%}
    {%- if is_growing() or not execute -%}{%- set changed_tasks = ref('int_tasks_changed') -%}{%- endif -%}
    {%- if is_growing() -%}{{ task_id }} in (select task_id from {{ changed_tasks }}){%- else -%}true{%- endif -%}
{%- endmacro %}

{#- The same where it matters what may be published: when other spaces may be, every task is another one. -#}
{%- macro is_of_rescreened_task(task_id='task_id') -%}
    {%- if is_growing() or not execute -%}
        {%- set spaces, tasks = ref('int_spaces_screened'), ref('int_tasks_gathered') -%}
        {%- set changed_tasks = ref('int_tasks_changed') -%}
    {%- endif -%}
    {%- if not is_growing() or not begins_with('built_spaces') -%}
        true
    {%- else -%}
        {{ task_id }} in (
            select task_id from {{ changed_tasks }}
            union all
            select task_id from {{ tasks }}
            where
                exists (select space_phid from {{ spaces }} except select space_phid from {{ as_last_built('built_spaces') }})
                or exists (select space_phid from {{ as_last_built('built_spaces') }} except select space_phid from {{ spaces }})
        )
    {%- endif -%}
{%- endmacro %}

{#- Takes the rows away that are built anew. For pre_hook. -#}
{%- macro make_room(condition) -%}
    {%- if is_growing() -%}delete from {{ this }} where {{ condition }}{%- endif -%}
{%- endmacro %}
