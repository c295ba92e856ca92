{#- A version as it is written everywhere here: without 'php-', and the spelling of before 2015, 1.23wmf14, as 1.23.0-wmf.14. -#}
{%- macro canonical_version(text) -%}
    regexp_replace(regexp_replace({{ text }}, '^php-', ''), '^(\d+)\.(\d+)wmf(\d+)$', '\1.\2.0-wmf.\3')
{%- endmacro %}

{#- A number that grows with the version, 1.37.0-wmf.10 after 1.37.0-wmf.9; null where the text is no version of a train. -#}
{%- macro version_sort_key(version) -%}
    case
        when regexp_full_match({{ version }}, '\d{1,3}\.\d{1,4}\.\d{1,4}-wmf\.\d{1,4}') then
            cast(regexp_extract({{ version }}, '^(\d+)', 1) as bigint) * 1000000000000
            + cast(regexp_extract({{ version }}, '^\d+\.(\d+)', 1) as bigint) * 100000000
            + cast(regexp_extract({{ version }}, '^\d+\.\d+\.(\d+)', 1) as bigint) * 10000
            + cast(regexp_extract({{ version }}, '(\d+)$', 1) as bigint)
    end
{%- endmacro %}
