"""Declared changes and what came of them, in the hand-made published file."""

from __future__ import annotations

import sqlite3

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
"""

MODELS = {
    "process_changes": ("mart", "Declared changes", "", "One row per declared change."),
    "process_change_targets": ("mart", "Whom declared changes concern", "", "One row per change and target."),
    "process_change_expectations": (
        "mart",
        "What declared changes were meant for",
        "",
        "One row per declared change and measure.",
    ),
}

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
