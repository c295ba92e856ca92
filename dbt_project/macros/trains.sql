{#- The version of a MediaWiki train that a text names, such as 1.37.0-wmf.4; null where it names none. -#}
{%- macro train_version_in(text) -%}
    {{ canonical_version("nullif(regexp_extract(" ~ text ~ ", '\\d+\\.\\d+(\\.\\d+-wmf\\.|wmf)\\d+'), '')") }}
{%- endmacro %}

{#- Pearson's correlation of two whole numbers of a group; null where there are fewer than two rows or one does not vary.
    Sums of whole numbers are the same in whatever order the rows come, to the last digit. -#}
{%- macro correlation(one, other) -%}
    case
        when min({{ one }}) < max({{ one }}) and min({{ other }}) < max({{ other }})
            then
                cast(count(*) * sum({{ one }} * {{ other }}) - sum({{ one }}) * sum({{ other }}) as double)
                / sqrt(cast(count(*) * sum({{ one }} * {{ one }}) - sum({{ one }}) * sum({{ one }}) as double))
                / sqrt(cast(count(*) * sum({{ other }} * {{ other }}) - sum({{ other }}) * sum({{ other }}) as double))
    end
{%- endmacro %}
