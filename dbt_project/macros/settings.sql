{#-
  Every setting of seeds/settings.csv: what it may be, and its value where nothing is said. docs/settings.md describes
  each for people. To add one, add a line here, one in seeds/settings.csv and a section there.

  kind: 'choice' (of choices), 'number' (whole, from least to most), 'flag' (true or false), 'words' or 'names' (lists) or 'time zone'.
  is_site_wide: whether no project may have a value of its own.
-#}
{%- macro known_settings() -%}
    {{ return({
        'time_zone': {'kind': 'time zone', 'default': 'UTC', 'is_site_wide': true},
        'clock_start': {
            'kind': 'choice', 'default': 'status or column',
            'choices': ['status or column', 'status', 'column', 'created'],
        },
        'reopening_policy': {'kind': 'choice', 'default': 'last close', 'choices': ['last close', 'first close']},
        'reopened_within_days': {'kind': 'number', 'default': '30', 'least': 1, 'most': 3650},
        'service_level_percentile': {'kind': 'number', 'default': '85', 'least': 1, 'most': 99},
        'service_level_window_days': {'kind': 'number', 'default': '84', 'least': 7, 'most': 3650},
        'flow_window_days': {'kind': 'number', 'default': '84', 'least': 7, 'most': 3650},
        'forecast_window_days': {'kind': 'number', 'default': '84', 'least': 7, 'most': 3650},
        'forecast_trials': {'kind': 'number', 'default': '10000', 'least': 100, 'most': 1000000, 'is_site_wide': true},
        'forecast_seed': {'kind': 'number', 'default': '1', 'least': 0, 'most': 2147483647, 'is_site_wide': true},
        'impact_window_weeks': {'kind': 'number', 'default': '12', 'least': 4, 'most': 104, 'is_site_wide': true},
        'excluded_subtypes': {'kind': 'words', 'default': ''},
        'publish_people': {'kind': 'flag', 'default': 'false'},
        'train_time_zone': {'kind': 'time zone', 'default': 'America/Denver', 'is_site_wide': true},
        'train_bots': {'kind': 'names', 'default': 'jenkins-bot', 'is_site_wide': true},
        'publish_deployers': {'kind': 'flag', 'default': 'true', 'is_site_wide': true},
        'process_change_tags': {'kind': 'names', 'default': '', 'is_site_wide': true},
        'process_change_fields': {'kind': 'names', 'default': '', 'is_site_wide': true},
        'process_change_statuses': {'kind': 'words', 'default': 'resolved', 'is_site_wide': true},
    }) }}
{%- endmacro %}

{#- A setting's text as a value of its type. -#}
{%- macro typed_setting(name, text) -%}
    {%- set kind = known_settings()[name]['kind'] -%}
    {%- if kind == 'number' -%}cast({{ text }} as integer)
    {%- elif kind == 'flag' -%}lower({{ text }}) = 'true'
    {%- else -%}{{ text }}
    {%- endif -%}
{%- endmacro %}

{#- A column per setting with its text among the rows of a group; where there is none the default, if wanted. -#}
{%- macro pivoted_settings(setting, value, has_default) -%}
    {%- for name, known in known_settings().items() -%}
        {%- set text = "max(case when " ~ setting ~ " = '" ~ name ~ "' then coalesce(" ~ value ~ ", '') end)" -%}
        {%- if has_default -%}coalesce({{ text }}, '{{ known["default"] }}'){%- else -%}{{ text }}{%- endif %} as {{ name }}
        {{- ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- A column per setting, its text as a value of its type; where it is null, that of another table. -#}
{%- macro typed_settings(settings, otherwise=none) -%}
    {%- for name in known_settings() -%}
        {%- set typed = typed_setting(name, settings ~ '.' ~ name) -%}
        {%- if otherwise -%}coalesce({{ typed }}, {{ otherwise }}.{{ name }}){%- else -%}{{ typed }}{%- endif %} as {{ name }}
        {{- ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- What is wrong with a row of seeds/settings.csv, as the end of a sentence; null where nothing is. -#}
{%- macro problem_of_setting(setting, project, value) -%}
    case
        when {{ setting }} is null then 'has no name'
        when {{ setting }} not in ({{ quoted_list(known_settings().keys()) }})
            then 'is no setting; docs/settings.md lists them'
    {%- for name, known in known_settings().items() %}
        {%- if known.get('is_site_wide') %}
        when {{ setting }} = '{{ name }}' and {{ project }} is not null
            then 'cannot be set for one project: leave its project empty'
        {%- endif %}
        {%- if known['kind'] == 'choice' %}
        when {{ setting }} = '{{ name }}' and coalesce({{ value }}, '') not in ({{ quoted_list(known['choices']) }})
            then {{ has_value(value) }} || ': say one of ' || '{{ known["choices"] | join(", ") }}'
        {%- elif known['kind'] == 'flag' %}
        when {{ setting }} = '{{ name }}' and lower(coalesce({{ value }}, '')) not in ('true', 'false')
            then {{ has_value(value) }} || ': say true or false'
        {%- elif known['kind'] == 'number' %}
        when
            {{ setting }} = '{{ name }}'
            and not coalesce({{ whole_number(value) }} between {{ known['least'] }} and {{ known['most'] }}, false)
            then {{ has_value(value) }} || ': give a whole number from {{ known["least"] }} to {{ known["most"] }}'
        {%- elif known['kind'] == 'time zone' %}
        when {{ setting }} = '{{ name }}' and coalesce({{ value }}, '') not in ({{ time_zone_names() }})
            then {{ has_value(value) }} || ': name a time zone as Europe/Berlin or UTC'
        {%- endif %}
    {%- endfor %}
    end
{%- endmacro %}

{%- macro has_value(value) -%}
    case when {{ value }} is null then 'has no value' else 'is ''' || {{ value }} || '''' end
{%- endmacro %}

{#- When a task that is closed was finished, by the setting reopening_policy. -#}
{%- macro finishing_time(closings, settings) -%}
    case
        when {{ closings }}.is_closed and {{ settings }}.reopening_policy = 'first close'
            then {{ closings }}.first_closed_at
        when {{ closings }}.is_closed then {{ closings }}.last_closed_at
    end
{%- endmacro %}

{#- When work on a task started, by the setting clock_start; null where it never did. -#}
{%- macro starting_time(starts, created_at, settings) -%}
    case {{ settings }}.clock_start
        when 'created' then {{ created_at }}
        when 'status' then {{ starts }}.started_by_status_at
        when 'column' then {{ starts }}.started_by_column_at
        else {{ starts }}.started_at
    end
{%- endmacro %}

{#- The installation's time zone, wherever one value is wanted. -#}
{%- macro installation_time_zone() -%}
    (select time_zone from {{ ref('int_installation_given_settings') }})
{%- endmacro %}

{#- The day on which a time is in the installation's time zone. -#}
{%- macro local_date(moment) -%}
    cast({{ in_time_zone(moment, installation_time_zone()) }} as date)
{%- endmacro %}

{#- First day of the day, week (from Monday) or month that holds a time, in the installation's time zone. -#}
{%- macro period_start(period, moment) -%}
    {{ period_of_date(period, local_date(moment)) }}
{%- endmacro %}

{#- The same for a day that is local already, such as closed_date of int_project_tasks_measured. -#}
{%- macro period_of_date(period, local_day) -%}
    cast(date_trunc({{ period }}, {{ local_day }}) as date)
{%- endmacro %}

{#- A value that tasks are sliced by. 'all' stands for every value, so that a value of that name needs quotes. -#}
{%- macro slice_value(value) -%}
    case when {{ value }} = 'all' then '''all''' else coalesce({{ value }}, 'none') end
{%- endmacro %}

{#- When a day begins in the installation's time zone, in UTC. -#}
{%- macro start_of_local_day(local_day) -%}
    {{ from_time_zone('cast(' ~ local_day ~ ' as timestamp)', installation_time_zone()) }}
{%- endmacro %}
