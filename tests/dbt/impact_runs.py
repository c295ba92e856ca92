"""Runs the SQL that judges changes on made-up weeks: many changes at once, each of a subject of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ddd.impact.statements import STEPS
from ddd.seeds import SEEDS_DIR

FIRST_MONDAY = date(2018, 1, 1)
GIVEN = ("int_impact_weeks", "int_impact_windows")
Steps = Sequence[tuple[str, str]]

_EMPTY = """
create table int_installation_given_settings as
    select 1 as forecast_seed, 'UTC' as time_zone, 12 as impact_window_weeks;
create table int_impact_subjects
    (subject_kind varchar, subject_key varchar, is_compared boolean, is_charted boolean);
create table process_change_expectations (change_key varchar, metric varchar, expected_direction varchar);
create table projects (project_phid varchar, project_path varchar);
create table project_columns
    (project_phid varchar, column_phid varchar, column_name varchar, column_role varchar, sequence integer,
    proxy_project_phid varchar, is_published boolean, created_at timestamp, modified_at timestamp);
create table holidays (holiday varchar, started_date date, ended_date date);
create table redefinitions (metric_name varchar, changed_date date, what varchar, is_of_past boolean);
create table measured_tasks
    (project_phid varchar, task_id bigint, created_at timestamp, started_at timestamp, closed_at timestamp);
"""


@dataclass(frozen=True)
class Subject:
    """Weeks of one measure of one subject.

    Attributes:
        values: A value a week, the first of them that of FIRST_MONDAY; nan: none.
        samples: From how many samples each is.
    """

    kind: str
    key: str
    measure: str
    values: Sequence[float]
    samples: Sequence[int]


@dataclass(frozen=True)
class Change:
    """A declared change, which begins on the Monday of a week.

    Attributes:
        week: The first week after it, counted from 0.
        window: How many weeks are compared.
        settling: How many of the weeks before `week` belong to neither window.
    """

    key: str
    kind: str
    subject: str
    week: int
    window: int = 12
    settling: int = 0


@dataclass
class Case:
    """Everything that is judged together."""

    subjects: list[Subject]
    changes: list[Change]
    tables: dict[str, pa.Table] = field(default_factory=dict)


def judged(steps: Steps, case: Case) -> duckdb.DuckDBPyConnection:
    """The tables of all steps for these changes."""
    models = duckdb.connect(":memory:", config={"threads": 2})
    models.execute(_EMPTY)
    seed = SEEDS_DIR / "impact_measures.csv"
    models.execute(f"create table impact_measures as from read_csv('{seed}')")
    models.execute("create view measures as from impact_measures")
    models.register("given_weeks", _weeks(case.subjects))
    models.execute("create table int_impact_weeks as select * from given_weeks")
    models.register("given_windows", _windows(case.changes))
    models.execute(
        "create table int_impact_windows as select * replace"
        " (window_weeks::integer as window_weeks, settling_weeks::integer as settling_weeks)"
        " from given_windows"
    )
    for name, table in case.tables.items():
        models.register(f"given_{name}", table)
        models.execute(f"insert into {name} by name select * from given_{name}")
    for name, sql in steps:
        if name not in GIVEN:
            models.execute(f'create table "{name}" as {sql}')
    assert [name for name, _ in steps] == list(STEPS)
    return models


def many(measure: str, values: NDArray[Any], samples: NDArray[Any], week: int, window: int = 12) -> Case:
    """A change in this week for each row of values."""
    keys = [str(row) for row in range(len(values))]
    subjects = [
        Subject(f"kind {key}", key, measure, of_key, count)
        for key, of_key, count in zip(keys, values, samples, strict=True)
    ]
    return Case(subjects, [Change(key, f"kind {key}", key, week, window) for key in keys])


def monday(week: int) -> date:
    """The first day of a week."""
    return FIRST_MONDAY + timedelta(weeks=week)


def _weeks(subjects: Sequence[Subject]) -> pa.Table:
    lengths = [len(one.values) for one in subjects]
    days = np.datetime64(FIRST_MONDAY) + 7 * np.arange(max(lengths))
    return pa.table(
        {
            "subject_kind": np.repeat([one.kind for one in subjects], lengths),
            "subject_key": np.repeat([one.key for one in subjects], lengths),
            "measure": np.repeat([one.measure for one in subjects], lengths),
            "week_started_date": np.concatenate([days[:length] for length in lengths]),
            "measured_value": pa.array(
                np.concatenate([np.asarray(one.values, dtype=float) for one in subjects]), from_pandas=True
            ),
            "samples_count": np.concatenate([np.asarray(one.samples, dtype="int64") for one in subjects]),
        }
    )


def _windows(changes: Sequence[Change]) -> pa.Table:
    rows = []
    for one in changes:
        before = one.week - one.settling
        rows.append(
            {
                "change_key": one.key,
                "subject_kind": one.kind,
                "subject_key": one.subject,
                "window_weeks": one.window,
                "settling_weeks": one.settling,
                "started_date": monday(before),
                "history_started_date": monday(before - one.window - 156),
                "before_started_date": monday(before - one.window),
                "before_ended_date": monday(before),
                "after_started_date": monday(one.week),
                "after_ended_date": monday(one.week + one.window),
            }
        )
    return pa.Table.from_pylist(rows)
