"""The impact of declared changes, computed a second time from the weeks of the metrics."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from built_warehouse import Warehouse
from reference.metrics.finished import Rows
from reference.periods import period_start
from reference.site import Site

BASELINE, CHART_WEEKS, SIGNAL_WEEKS, LIMIT = 26, 104, 8, 2.66
HISTORY_WEEKS = 156


class Week(NamedTuple):
    """What a metric has for a week."""

    monday: date
    value: float | None
    samples: int


@dataclass(frozen=True)
class Windows:
    """Which weeks of a subject are compared for a change; days after the last are excluded."""

    change: str
    kind: str
    key: str
    weeks: int
    started: date
    before: date
    before_end: date
    after: date
    after_end: date

    def window_of(self, monday: date) -> str:
        """The window that a week belongs to."""
        if monday < self.before:
            return "history"
        if monday < self.before_end:
            return "before"
        return "settling" if monday < self.after else "after"


@dataclass(frozen=True)
class Measure:
    """A line of impact_measures.csv."""

    name: str
    averaged_as: str
    is_level: bool
    highest: float


def _measures(warehouse: Warehouse) -> dict[str, Measure]:
    rows = warehouse.query(
        "select measure, averaged_as, is_level, if(unit = 'share', 1, 'inf'::double) from impact_measures"
    )
    return {row[0]: Measure(*row) for row in rows}


def _series(warehouse: Warehouse) -> dict[tuple[str, str, str], list[Week]]:
    found: dict[tuple[str, str, str], list[Week]] = defaultdict(list)
    rows = warehouse.query(
        "select subject_kind, subject_key, measure, week_started_date, measured_value, samples_count"
        " from int_impact_weeks order by week_started_date"
    )
    for kind, key, measure, *week in rows:
        found[kind, key, measure].append(Week(*week))
    return found


def _windows(site: Site, warehouse: Warehouse) -> list[Windows]:
    running = period_start("week", site.day_of(site.as_of))
    found = []
    rows = warehouse.query(
        "select change_key, subject_kind, subject_key, window_weeks, started_date, settled_date, ended_date"
        " from process_changes inner join process_change_targets using (change_key)"
        " where process_changes.is_published and process_change_targets.is_published"
    )
    for change, kind, key, own_weeks, started, settled, ended in rows:
        weeks = own_weeks or 12
        before_end = period_start("week", started)
        after = period_start("week", max(settled, started) + timedelta(days=6))
        ends = [after + timedelta(weeks=weeks), running]
        ends += [period_start("week", ended)] if ended else []
        found.append(
            Windows(
                *(change, kind, key, weeks, started),
                before=before_end - timedelta(weeks=weeks),
                before_end=before_end,
                after=after,
                after_end=max(min(ends), after),
            )
        )
    return found


def _weighted(weeks: list[Week], averaged_as: str) -> tuple[list[float], list[float]]:
    """Values as they are averaged, and their weights; weeks that weigh nothing are left out."""
    known = [week for week in weeks if week.value is not None and (averaged_as == "weeks" or week.samples)]
    if averaged_as == "ratios":
        return [math.log(max(week.value, 1 / 24)) for week in known], [week.samples for week in known]
    return [week.value for week in known], [1 if averaged_as == "weeks" else week.samples for week in known]


def _own_unit(scaled: float, averaged_as: str) -> float:
    return math.exp(scaled) if averaged_as == "ratios" else scaled


def change_impact(site: Site, warehouse: Warehouse) -> Rows:
    """Means of both windows, weeks and samples in them, and the difference with its share."""
    measures, rows = _measures(warehouse), {}
    for windows, measure, weeks in _compared(site, warehouse):
        own: list[Any] = []
        for name in ("before", "after"):
            of_window = [week for week in weeks if windows.window_of(week.monday) == name]
            values, weights = _weighted(of_window, measures[measure].averaged_as)
            mean = float(np.average(values, weights=weights)) if values else None
            own += [
                None if mean is None else _own_unit(mean, measures[measure].averaged_as),
                len(values),
                sum(week.samples for week in of_window),
            ]
        if not any(windows.window_of(week.monday) in {"before", "after"} for week in weeks):
            continue
        before, after = own[0], own[3]
        rows[windows.change, windows.kind, windows.key, measure] = [
            *own,
            None if before is None or after is None else after - before,
        ]
    return rows


def change_weeks(site: Site, warehouse: Warehouse) -> Rows:
    """The window, value and samples of each week, and the line through its window."""
    measures, rows = _measures(warehouse), {}
    for windows, measure, weeks in _compared(site, warehouse):
        averaged_as = measures[measure].averaged_as
        lines = {}
        for name in ("before", "after"):
            known = [week for week in weeks if windows.window_of(week.monday) == name]
            known = [
                one for one in known if one.value is not None and (averaged_as == "weeks" or one.samples)
            ]
            values, weights = _weighted(known, averaged_as)
            numbers = [(week.monday - windows.after).days / 7 for week in known]
            if len(known) >= 4:
                lines[name] = np.polyfit(numbers, values, 1, w=np.sqrt(weights))
        is_fitted = (
            len(lines) == 2 and sum(len(_known(weeks, windows, averaged_as, one)) for one in lines) >= 8
        )
        for week in weeks:
            name = windows.window_of(week.monday)
            if name == "history":
                continue
            fitted = None
            if is_fitted and name in lines:
                fitted = _own_unit(
                    float(np.polyval(lines[name], (week.monday - windows.after).days / 7)), averaged_as
                )
            key = (windows.change, windows.kind, windows.key, measure, week.monday)
            rows[key] = [name, week.value, week.samples, fitted]
    return rows


def _known(weeks: list[Week], windows: Windows, averaged_as: str, name: str) -> list[float]:
    return _weighted([week for week in weeks if windows.window_of(week.monday) == name], averaged_as)[0]


def _compared(site: Site, warehouse: Warehouse) -> list[tuple[Windows, str, list[Week]]]:
    series = _series(warehouse)
    found = []
    for windows in _windows(site, warehouse):
        first = windows.before - timedelta(weeks=HISTORY_WEEKS)
        for (kind, key, measure), weeks in series.items():
            if (kind, key) == (windows.kind, windows.key):
                held = [week for week in weeks if first <= week.monday < windows.after_end]
                if held:
                    found.append((windows, measure, held))
    return found


def process_behaviour(site: Site, warehouse: Warehouse) -> Rows:
    """Value, centre, limits, signal, baseline and declared change, chart by chart."""
    measures, rows = _measures(warehouse), {}
    charted = set(
        warehouse.query("select subject_kind, subject_key from int_impact_subjects where is_charted")
    )
    changes = _windows(site, warehouse)
    first = period_start("week", site.day_of(site.as_of)) - timedelta(weeks=CHART_WEEKS + 1)
    for (kind, key, measure), weeks in _series(warehouse).items():
        if (kind, key) not in charted:
            continue
        mine = [one for one in changes if one.kind == kind and one.key in {key, "all"}]
        recent = [week for week in weeks if week.monday >= first]
        phases: dict[int, list[tuple[Week, float, float]]] = defaultdict(list)
        for place, week in enumerate(recent):
            if place < len(recent) - CHART_WEEKS:
                continue
            base = recent[place - 1].value if place else None
            if week.value is None or (measures[measure].is_level and base is None):
                continue
            base = (base or 0.0) if measures[measure].is_level else 0.0
            phase = len({one.after for one in mine if one.after <= week.monday})
            phases[phase].append((week, base, round(week.value - base, 9)))
        for phase in phases.values():
            rows |= {
                (kind, key, measure, monday): row
                for monday, row in _chart(phase, mine, measures[measure].highest).items()
            }
    return rows


def _chart(
    weeks: list[tuple[Week, float, float]], changes: list[Windows], highest: float
) -> dict[date, list[Any]]:
    judged = [one for _, _, one in weeks]
    baseline = judged[:BASELINE]
    if sum(one != 0 for one in baseline) < 8:
        return {}
    mean = math.fsum(baseline) / len(baseline)
    ranges = [abs(one - other) for one, other in zip(baseline[1:], baseline, strict=False)]
    width = LIMIT * math.fsum(ranges) / len(ranges)
    sides = [int(np.sign(round(one - mean, 6))) for one in judged]
    far = [side if abs(one - mean) > width / 2 else 0 for side, one in zip(sides, judged, strict=True)]
    found = {}
    for place, (week, base, _) in enumerate(weeks):
        low, high = base + mean - width, base + mean + width
        eight = sum(sides[max(place - 7, 0) : place + 1])
        eight_before = sum(sides[max(place - 8, 0) : place])
        four = sum(far[max(place - 3, 0) : place + 1])
        signal = None
        if width > 0:
            if round(week.value, 6) > round(high, 6) or round(week.value, 6) < round(low, 6):
                signal = "beyond a limit"
            elif abs(eight) == 8 and eight != eight_before:
                signal = "run of eight"
            elif far[place] and abs(four) >= 3 and np.sign(four) == sides[place]:
                signal = "three of four near a limit"
        near = sorted(
            (one.started, one.change)
            for one in changes
            if week.monday - timedelta(weeks=SIGNAL_WEEKS) <= one.started <= week.monday + timedelta(days=6)
        )
        found[week.monday] = [
            *(week.value, *(min(max(one, 0), highest) for one in (base + mean, low, high))),
            *(signal, place < BASELINE, near[0][1] if signal and near else None),
        ]
    return found
