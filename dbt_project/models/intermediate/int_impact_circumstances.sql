{%- set keys = 'change_key, subject_kind, subject_key' -%}
with

windows as (
    select * from {{ ref('int_impact_windows') }}
),

differences as (
    select * from {{ ref('int_impact_differences') }}
),

measures as (
    select * from {{ ref('impact_measures') }}
),

overlapping as (
    select * from {{ ref('int_impact_changes_overlapping') }}
),

board_columns as (
    select * from {{ ref('project_columns') }}
    where is_published and proxy_project_phid is null
),

holidays as (
    select * from {{ ref('holidays') }}
),

redefinitions as (
    select * from {{ ref('redefinitions') }}
),

other_changes as (
    select
        {{ keys }},
        count(distinct other_change_key) as other_changes_count
    from overlapping
    group by {{ keys }}
),

-- Of a column only its last change is known, not what it was.
changed_columns as (
    select
        windows.change_key,
        windows.subject_kind,
        windows.subject_key,
        board_columns.column_name,
        board_columns.sequence,
        board_columns.column_phid,
        coalesce(board_columns.column_role, '') = 'in progress'
        and {{ local_date('board_columns.created_at') }} > windows.before_started_date
        and {{ local_date('board_columns.created_at') }} < windows.after_ended_date as is_new_in_progress
    from windows
    inner join board_columns
        on
            windows.subject_key = board_columns.project_phid
            and (
                {{ local_date('board_columns.created_at') }} > windows.before_started_date
                and {{ local_date('board_columns.created_at') }} < windows.after_ended_date
                or {{ local_date('board_columns.modified_at') }} > windows.before_started_date
                and {{ local_date('board_columns.modified_at') }} < windows.after_ended_date
            )
    where windows.subject_kind = 'project'
),

columns_of_changes as (
    select
        {{ keys }},
        count(case when is_new_in_progress then 1 end) as new_columns_count,
        string_agg(
            case when not is_new_in_progress then column_name end, ', ' order by sequence, column_phid
        ) as changed_columns_text
    from changed_columns
    group by {{ keys }}
),

-- How many days of each holiday are in either window.
holidays_of_windows as (
    select
        windows.change_key,
        windows.subject_kind,
        windows.subject_key,
        holidays.holiday
        {%- for window in ['before', 'after'] %}
            ,
            sum(greatest(
                {{ days_apart(
                    'greatest(holidays.started_date, windows.' ~ window ~ '_started_date)',
                    'least(holidays.ended_date, windows.' ~ window ~ '_ended_date)',
                ) }},
                0
            )) as {{ window }}_days_count
        {%- endfor %}
    from windows
    inner join holidays
        on
            windows.before_started_date < holidays.ended_date
            and windows.after_ended_date > holidays.started_date
    group by windows.change_key, windows.subject_kind, windows.subject_key, holidays.holiday
),

unequal_holidays as (
    select
        {{ keys }},
        string_agg(
            holiday || ' (' || {{ counted('before_days_count', 'day') }} || ' before, '
            || after_days_count || ' after)',
            ', ' order by holiday
        ) as holidays_text
    from holidays_of_windows
    where
        2 * least(before_days_count, after_days_count) <= greatest(before_days_count, after_days_count)
        and greatest(before_days_count, after_days_count) > 0
    group by {{ keys }}
),

redefined as (
    select
        windows.change_key,
        windows.subject_kind,
        windows.subject_key,
        measures.measure,
        string_agg(
            case
                when redefinitions.is_of_past
                    then cast(redefinitions.changed_date as varchar) || ' (' || redefinitions.what || ')'
            end,
            '; ' order by redefinitions.changed_date, redefinitions.what
        ) as redefined_throughout_text,
        string_agg(
            case
                when not redefinitions.is_of_past
                    then cast(redefinitions.changed_date as varchar) || ' (' || redefinitions.what || ')'
            end,
            '; ' order by redefinitions.changed_date, redefinitions.what
        ) as redefined_between_text
    from windows
    inner join redefinitions
        on
            windows.before_started_date < redefinitions.changed_date
            and windows.after_ended_date > redefinitions.changed_date
    inner join measures on redefinitions.metric_name = measures.metric_name
    group by windows.change_key, windows.subject_kind, windows.subject_key, measures.measure
),

circumstances as (
    select
        differences.change_key,
        differences.subject_kind,
        differences.subject_key,
        differences.measure,
        coalesce(other_changes.other_changes_count, 0) as other_changes_count,
        case when measures.reads_columns then columns_of_changes.new_columns_count > 0 else false end
            as has_new_columns,
        case when measures.reads_columns then columns_of_changes.changed_columns_text end
            as changed_columns_text,
        unequal_holidays.holidays_text,
        redefined.redefined_throughout_text,
        redefined.redefined_between_text
    from differences
    inner join measures on differences.measure = measures.measure
    left join other_changes
        on
            differences.change_key = other_changes.change_key
            and differences.subject_kind = other_changes.subject_kind
            and differences.subject_key = other_changes.subject_key
    left join columns_of_changes
        on
            differences.change_key = columns_of_changes.change_key
            and differences.subject_kind = columns_of_changes.subject_kind
            and differences.subject_key = columns_of_changes.subject_key
    left join unequal_holidays
        on
            differences.change_key = unequal_holidays.change_key
            and differences.subject_kind = unequal_holidays.subject_kind
            and differences.subject_key = unequal_holidays.subject_key
    left join redefined
        on {{ same_series('differences', 'redefined') }}
)

select * from circumstances
