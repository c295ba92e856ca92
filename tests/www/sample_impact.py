"""Declared changes and what came of them, in the hand-made published file."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

SCHEMA = """
create table process_changes (change_key text, title text, link text, task_id integer, roll_out text,
    concerns text, declared_in text, window_weeks integer, started_date text, settled_date text,
    ended_date text);
create index process_changes__change_key on process_changes (change_key);
create index process_changes__started_date on process_changes (started_date);
create table process_change_targets (change_key text, subject_kind text, subject_key text);
create index process_change_targets__subject on process_change_targets (subject_kind, subject_key);
create index process_change_targets__change_key on process_change_targets (change_key);
create table process_change_expectations (change_key text, metric text, expected_direction text);
create index process_change_expectations__key on process_change_expectations (change_key, metric);
create table measures (measure text, family text, metric_name text, unit text, better text, averaged_as text,
    least_samples_count integer, sequence integer);
create table impact_settings (time_zone text, impact_window_weeks integer, forecast_seed integer, as_of text);
create table impact_subjects (subject_kind text, subject_key text, is_compared integer,
    is_charted integer);
create table holidays (holiday text, started_date text, ended_date text);
create table redefinitions (metric_name text, changed_date text, what text, is_of_past integer);
create table catalog_statements (position integer primary key, model_name text not null, sql text not null);
create table metric_change_impact (change_key text, subject_kind text, subject_key text, measure text,
    family text, unit text, better text, averaged_as text, verdict text, caveats text,
    expected_direction text, window_weeks integer, settling_weeks integer, sequence integer,
    before_value real, after_value real, before_weeks_count integer, after_weeks_count integer,
    before_samples_count integer, after_samples_count integer, difference real, difference_share real,
    difference_low real, difference_high real, difference_p_value real, adjusted_p_value real,
    permutation_p_value real, placebos_count integer, level_change real, level_change_p_value real,
    slope_change_per_week real, slope_change_p_value real, control_difference real,
    controlled_difference real, control_projects_count integer, year_before_difference real,
    kaplan_meier_before_value real, kaplan_meier_after_value real, still_open_after_count integer,
    other_changes_count integer, is_expected integer, is_as_expected integer, has_history integer,
    started_date text, before_started_date text, before_ended_date text, after_started_date text,
    after_ended_date text);
create index metric_change_impact__key on metric_change_impact (change_key, subject_kind, subject_key,
    sequence);
create table metric_change_weeks (change_key text, subject_kind text, subject_key text, measure text,
    family text, unit text, better text, week_window text, measured_value real, samples_count integer,
    fitted_value real, control_value real, week_started_date text);
create index metric_change_weeks__key on metric_change_weeks (change_key, subject_kind, subject_key, measure,
    week_started_date);
create table metric_process_behaviour (subject_kind text, subject_key text, measure text, family text,
    unit text, better text, signal text, change_key text, sequence integer, measured_value real,
    centre_value real, lower_limit real, upper_limit real, is_baseline integer, week_started_date text);
create index metric_process_behaviour__key on metric_process_behaviour (subject_kind, subject_key, measure,
    week_started_date);
create index metric_process_behaviour__signal on metric_process_behaviour (signal, change_key,
    week_started_date);
"""

STATEMENTS = {
    "metric_change_weeks": """
        select
            metric_throughput.period_started_date as week_started_date,
            case when period_started_date < process_changes.started_date then 'before' else 'after' end
            as week_window,
            metric_throughput.closed_tasks_count::double as measured_value,
            metric_throughput.closed_tasks_count as samples_count,
            null::double as fitted_value,
            null::double as control_value,
            'tasks' as unit
        from metric_throughput
        inner join process_changes on process_changes.change_key = 'tried'
        inner join process_change_targets on process_change_targets.change_key = 'tried'
        where
            metric_throughput.project_phid = process_change_targets.subject_key
            and period_started_date >= process_changes.started_date - 7 * window_weeks::integer
            and period_started_date < process_changes.started_date + 7 * window_weeks::integer
    """,
    "metric_change_impact": """
        select
            'closed tasks' as measure, 'tasks' as unit, 'changed' as verdict, 'Only a sample.' as caveats,
            avg(measured_value) filter (week_window = 'before') as before_value,
            avg(measured_value) filter (week_window = 'after') as after_value,
            avg(measured_value) filter (week_window = 'after')
            - avg(measured_value) filter (week_window = 'before') as difference,
            null as difference_share, null as difference_low, null as difference_high, null as is_as_expected
        from metric_change_weeks
        having count(*) > 0
    """,
}
"""In place of the models' SQL, which has tests of its own: means of the weeks in which tasks were closed."""

MODELS = {
    "impact_settings": ("mart", "Settings of impact", "", "One row: what judging needs to know."),
    "impact_subjects": ("mart", "Subjects of impact", "", "One row per project and pipeline that is judged."),
    "process_changes": ("mart", "Declared changes", "", "One row per declared change."),
    "process_change_targets": ("mart", "Whom declared changes concern", "", "One row per change and target."),
    "process_change_expectations": (
        "mart",
        "What declared changes were meant for",
        "",
        "One row per declared change and measure.",
    ),
    "measures": ("mart", "Measures of impact", "", "One row per measure."),
    "holidays": ("mart", "Holidays", "", "One row per holiday."),
    "redefinitions": ("mart", "Redefined metrics", "", "One row per metric and day."),
    "metric_change_impact": (
        "metric",
        "Impact of changes",
        "Did the change help?",
        "One row per declared change, subject and measure.",
    ),
    "metric_change_weeks": (
        "metric",
        "Weeks around changes",
        "What did the weeks before and after a change look like?",
        "One row per declared change, subject, measure and week.",
    ),
    "metric_process_behaviour": (
        "metric",
        "Process behaviour",
        "When did something change, and did anybody say so?",
        "One row per subject, measure and ended week.",
    ),
}

MEASURES = {
    "closed tasks": ("work", "tasks", "more", 1),
    "median cycle time": ("work", "days", "less", 4),
    "flow efficiency": ("work", "share", "more", 7),
    "change fail rate": ("deployments", "share", "less", 10),
}
SIGNAL_WEEK = "2026-06-01"

TEAM = "PHID-PROJ-team1"
LIMITS, RETREAT, HOSTILE_KEY, TRAINS = "wip-limits", "retreat", "hostile", "small-trains"
LIMITS_DATE, HOSTILE_DATE = "2026-08-03", "2026-05-04"
RETREAT_DATE, RETREAT_ENDED = "2025-10-20", "2025-11-10"
"""Before the year that pages show where no days are chosen."""


def fill_impact(file: sqlite3.Connection, hostile: str) -> None:
    """A change of one team, one of everybody that was taken back, one with a hostile title, one of trains."""
    file.executescript(SCHEMA)
    file.executemany(
        "insert into process_changes values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(LIMITS, "Limit work in progress", "https://wiki.example.org/wip", None, "gradual"),
                *("projects", "seed", 12, LIMITS_DATE, "2026-08-31", None),
            ),
            (
                *(RETREAT, "No meetings", None, None, "at once", "all", "seed", 12),
                *(RETREAT_DATE, RETREAT_DATE, RETREAT_ENDED),
            ),
            (
                *(HOSTILE_KEY, hostile, "https://x.example/?a=1&b=%22><b>", 7, "at once", "projects"),
                *("task", 12, HOSTILE_DATE, HOSTILE_DATE, None),
            ),
            (
                *(TRAINS, "Two trains a week", None, None, "at once", "pipelines", "seed", 12),
                *(RETREAT_DATE, RETREAT_DATE, None),
            ),
        ],
    )
    file.executemany(
        "insert into process_change_targets values (?, ?, ?)",
        [
            (LIMITS, "project", TEAM),
            (RETREAT, "project", "all"),
            (RETREAT, "pipeline", "train/production"),
            (HOSTILE_KEY, "project", TEAM),
            (TRAINS, "pipeline", "train/production"),
        ],
    )
    file.executemany(
        "insert into process_change_expectations values (?, ?, ?)",
        [(LIMITS, "median cycle time", "down")],
    )
    file.executemany(
        "insert into measures values (?, ?, 'metric_throughput', ?, ?, 'weeks', 12, ?)",
        [(name, *about) for name, about in MEASURES.items()],
    )
    file.execute("insert into impact_settings values ('UTC', 12, 1, '2026-11-18T09:30:00Z')")
    file.executemany(
        "insert into impact_subjects values ('project', ?, 1, 1)",
        [("all",), (TEAM,)],
    )
    file.executemany(
        "insert into catalog_statements (model_name, sql) values (?, ?)", list(STATEMENTS.items())
    )
    team = (LIMITS, "project", TEAM)
    _judge(file, (*team, "median cycle time"), "better", (12.4, 7.4, -6.5, -3.1), (1, 1, None))
    _judge(file, (*team, "closed tasks"), "no evidence", (5.0, 5.5, -1.25, 2.0), (0, None, None))
    _judge(file, (*team, "flow efficiency"), "too little data", (None, 0.4, None, None), (0, None, None))
    site = (RETREAT, "project", "all")
    _judge(
        file, (*site, "closed tasks"), "something else changed", (20.0, 26.0, 2.0, 9.0), (None, None, None)
    )
    train = (RETREAT, "pipeline", "train/production")
    _judge(file, (*train, "change fail rate"), "worse", (0.1, 0.2, 0.05, 0.15), (None, None, None))
    _judge(
        file,
        (HOSTILE_KEY, "project", TEAM, "closed tasks"),
        "changed",
        (5.0, 8.0, 1.0, 5.0),
        (None, None, f"{hostile}\nAnother change was declared for these weeks."),
    )
    for subject_kind, subject in (("project", "all"), ("project", TEAM), ("pipeline", "train/production")):
        _behave(file, subject_kind, subject)


def _judge(
    file: sqlite3.Connection,
    key: tuple[str, str, str, str],
    verdict: str,
    values: tuple[float | None, float | None, float | None, float | None],
    expected: tuple[int | None, int | None, str | None],
) -> None:
    """A row of metric_change_impact, and the weeks that it is about."""
    family, unit, better, sequence = MEASURES[key[3]]
    before, after, low, high = values
    difference = None if before is None or after is None else after - before
    known = difference is not None
    row: dict[str, object] = {
        **dict(zip(("change_key", "subject_kind", "subject_key", "measure"), key, strict=True)),
        **{"family": family, "unit": unit, "better": better, "averaged_as": "weeks", "sequence": sequence},
        **{"verdict": verdict, "caveats": expected[2] or ("Few weeks." if known else None)},
        **{"window_weeks": 12, "settling_weeks": 4, "before_value": before, "after_value": after},
        **{"expected_direction": "down" if expected[0] else None},
        **{"before_weeks_count": 12, "after_weeks_count": 11},
        **{"before_samples_count": 60, "after_samples_count": 55 if known else 3, "difference": difference},
        "difference_share": difference / before if difference is not None and before else None,
        **{"difference_low": low, "difference_high": high},
        **{"difference_p_value": 0.004 if known else None, "adjusted_p_value": 0.008 if known else None},
        **{"permutation_p_value": 0.01 if known else None, "placebos_count": 80},
        **{"level_change": difference, "level_change_p_value": 0.02 if known else None},
        **{"slope_change_per_week": 0.05 if known else None, "slope_change_p_value": 0.6 if known else None},
        **{"control_difference": -0.5 if known else None, "control_projects_count": 3 if known else 0},
        "controlled_difference": difference + 0.5 if difference is not None else None,
        **{"year_before_difference": 0.25 if known else None, "other_changes_count": 1, "has_history": 1},
        **{"kaplan_meier_before_value": 13.0 if unit == "days" else None},
        **{"kaplan_meier_after_value": 8.1 if unit == "days" else None, "still_open_after_count": 6},
        **{"is_expected": expected[0], "is_as_expected": expected[1], "started_date": LIMITS_DATE},
        **{"before_started_date": "2026-05-11", "before_ended_date": LIMITS_DATE},
        **{"after_started_date": "2026-08-31", "after_ended_date": "2026-11-16"},
    }
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    file.execute(f"insert into metric_change_impact ({names}) values ({marks})", list(row.values()))
    for number in range(27):
        week = date.fromisoformat("2026-05-11") + timedelta(days=7 * number)
        window = "before" if number < 12 else "settling" if number < 16 else "after"
        level = {"before": before, "settling": None, "after": after}[window]
        wave = 1 + 0.2 * ((number * 7) % 5 - 2) / 2
        value = None if before is None or after is None else (level or (before + after) / 2) * wave
        control = before * (1 + 0.02 * (number % 3)) if before is not None and known else None
        file.execute(
            f"insert into metric_change_weeks values ({', '.join('?' * 13)})",
            [*key, family, unit, better, window, value, 5, level if known else None, control, str(week)],
        )


def _behave(file: sqlite3.Connection, subject_kind: str, subject: str) -> None:
    """A year and a half of weeks, with a signal in June that nobody explains and one in August."""
    for measure, (family, unit, better, sequence) in MEASURES.items():
        if (family == "work") != (subject_kind == "project"):
            continue
        scale = 0.1 if unit == "share" else 10.0
        for number in range(80):
            week = date(2025, 5, 5) + timedelta(days=7 * number)
            signal, change = None, None
            value = scale * (1 + 0.3 * ((number * 3) % 7 - 3) / 3)
            if str(week) == SIGNAL_WEEK:
                signal, value = "beyond a limit", scale * 2.5
            if str(week) == "2026-08-10":
                signal, value, change = "run of eight", scale * 0.8, LIMITS if subject == TEAM else None
            file.execute(
                f"insert into metric_process_behaviour values ({', '.join('?' * 15)})",
                [
                    *(subject_kind, subject, measure, family, unit, better, signal, change, sequence, value),
                    *(scale, scale * 0.4, scale * 1.6, int(number < 26), str(week)),
                ],
            )
