"""The charts of trains and deployments in the report in one file."""

from __future__ import annotations

from ddd.reports.charts import DAYS, MONTHS, only, scale_of, value_of
from ddd.reports.drawing import Chart, colour
from ddd.reports.tables import Row
from ddd.wording import counted


def trains(rows: list[Row]) -> Chart:
    """How long each train of the last year took, and what trouble it had."""
    kinds = {"no trouble": "calm", "late blocker": "blocked", "rolled back": "rollback"}
    drawn: list[Row] = [{**row, "trouble": _trouble(row)} for row in reversed(rows)]
    spec = {
        "mark": {"type": "bar", "width": 6},
        "encoding": {
            "x": {"field": "started_at", **DAYS},
            "y": value_of("total_days", "days"),
            "color": {"field": "trouble", "type": "nominal", "scale": scale_of(kinds)},
        },
    }
    columns = {
        "version": "Train",
        "started_at": "Started",
        "conductor": "Conductor",
        "total_days": "Days",
        "rollbacks_count": "Rollbacks",
        "blockers_count": "Blockers",
        "patches_count": "Patches",
        "trouble": "Trouble",
    }
    troubled = sum(bool(row["has_trouble"]) for row in rows)
    alternative = (
        f"{counted(len(rows), 'train')} of the last year by how long they took; {troubled} had trouble."
    )
    return Chart("First to last roll-forward of each train", alternative, spec, columns, only(drawn, columns))


def _trouble(train: Row) -> str:
    if train["rollbacks_count"]:
        return "rolled back"
    return "late blocker" if train["has_late_blocker"] else "no trouble"


def pipeline_months(rows: list[Row], pipeline: str) -> Chart:
    """Deployments of a pipeline per month, the failed ones among them."""
    spec = {
        "encoding": {"x": {"field": "period_started_date", **MONTHS}},
        "layer": [
            {
                "mark": {"type": "bar", "width": 11, "color": colour(token)},
                "encoding": {
                    "y": value_of(name, "deployments"),
                    "color": {
                        "datum": label,
                        "scale": scale_of({"deployed": "calm", "of them failed": "rollback"}),
                    },
                },
            }
            for name, label, token in (
                ("deployments_count", "deployed", "calm"),
                ("failed_deployments_count", "of them failed", "rollback"),
            )
        ],
    }
    columns = {
        "period_started_date": "Month",
        "deployments_count": "Deployments",
        "failed_deployments_count": "Failed",
        "failed_deployments_share": "Share",
        "recovery_time_p50_hours": "Recovery P50, hours",
        "committed_to_deployed_p50_days": "Lead time P50, days",
        "unplanned_deployments_share": "Rework",
    }
    everything = sum(row["deployments_count"] for row in rows)
    alternative = f"{counted(everything, 'deployment')} of {pipeline} in {counted(len(rows), 'month')}."
    return Chart(f"Deployments of {pipeline} per month", alternative, spec, columns, only(rows, columns))
