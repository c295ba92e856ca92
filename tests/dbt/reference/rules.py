"""What an installation and its projects decide for themselves (docs/settings.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from reference.installation import Installation

DEFAULTS = {
    "time_zone": "UTC",
    "clock_start": "status or column",
    "reopening_policy": "last close",
    "reopened_within_days": "30",
    "service_level_percentile": "85",
    "service_level_window_days": "84",
    "flow_window_days": "84",
    "forecast_window_days": "84",
    "forecast_trials": "10000",
    "forecast_seed": "1",
    "impact_window_weeks": "12",
    "excluded_subtypes": "",
    "publish_people": "false",
}


class Setting(NamedTuple):
    """A line of settings.csv; an empty project is the installation."""

    name: str
    project: str
    value: str


class Rules:
    """The settings of one project, or of the whole site."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values = {**DEFAULTS, **values}
        self.clock_start = self.values["clock_start"]
        self.reopening_policy = self.values["reopening_policy"]
        self.excluded_subtypes = {
            word for word in re.split(r"[,\s]+", self.values["excluded_subtypes"]) if word
        }

    def number(self, name: str) -> int:
        return int(self.values[name])


def rules_of(installation: Installation, settings: Iterable[Setting], project: str) -> Rules:
    """The project's own values, else those of its nearest ancestor that has one, else the installation's."""
    line = [""]
    if project != "all":
        line = [*reversed(_line(installation, project)), ""]
        line.reverse()
    values: dict[str, str] = {}
    for one in line:
        values.update({name: value for name, named, value in settings if one == _phid(installation, named)})
    return Rules(values)


def _line(installation: Installation, project: str) -> list[str]:
    """The project's ancestors, the topmost first, and itself."""
    parent = installation.projects[project]["fields"]["parent"]
    above = _line(installation, parent["phid"]) if parent and parent["phid"] in installation.projects else []
    return [*above, project]


def _phid(installation: Installation, named: str) -> str:
    """The project of a PHID or slug; the tests name none by its name."""
    slugs = {one["fields"]["slug"]: phid for phid, one in installation.projects.items()}
    return named if named in installation.projects else slugs.get(named, named)
