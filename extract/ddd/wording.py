"""Numbers, days and figures of `metric_headlines` in words; pages and reports say the same thing alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

SENTENCES = {
    "closed tasks": "{value} closed",
    "created tasks": "{value} created",
    "open tasks": "{value} open at the end of the week",
    "tasks in progress": "{value} in progress at the end of the week",
    "median cycle time": "half of the finished tasks took at most {value} from their start",
    "cycle time of 85 %": "85 of 100 finished tasks took at most {value} from their start",
    "median lead time": "half of the closed tasks took at most {value} from their creation",
}
"""A figure in words; a figure that is not here is named."""

VERDICTS = {
    "above": {"tasks": "more than usual", "days": "longer than usual"},
    "below": {"tasks": "fewer than usual", "days": "shorter than usual"},
    "usual": {"tasks": "as usual", "days": "as usual"},
    "no value": {"tasks": "no value", "days": "nothing was finished"},
    "too little data": {"tasks": "too few weeks to compare with", "days": "too few weeks to compare with"},
}


def number_text(value: float | None, unit: str, *, signed: bool = False) -> str:
    """A number as people read it: whole where it counts, one decimal for short times."""
    if value is None:
        return "–"
    digits = 1 if unit in {"days", "hours"} and abs(value) < 100 else 0
    text = f"{abs(value):,.{digits}f}"
    if value < 0 and float(text.replace(",", "")):
        return f"−{text}"
    return f"{'+' if value > 0 else '±'}{text}" if signed else text


def usual_range(row: Mapping[str, Any]) -> str:
    """The values that are usual: rounded inwards, so that none that is beyond the range seems to be in it."""
    low, high = row["usual_lowest_value"], row["usual_highest_value"]
    if low is None or high is None:
        return ""
    step = 1 if row["unit"] == "tasks" or high >= 100 else 10
    first, last = math.ceil(low * step) / step, math.floor(high * step) / step
    if first > last:
        return f"about {(low + high) / 2:,.1f}"
    if not low:
        return f"up to {number_text(last, row['unit'])}"
    return f"{number_text(first, row['unit'])} to {number_text(last, row['unit'])}"


def counted(number: float, noun: str, plural: str = "") -> str:
    """A number and what it counts: `no tasks`, `1 task`, `1,200 tasks`."""
    if number == 1:
        return f"1 {noun}"
    return f"{f'{number:,.0f}' if number else 'no'} {plural or f'{noun}s'}"


def were(number: float) -> str:
    """`was` or `were`."""
    return "was" if number == 1 else "were"


def length(value: float, unit: str = "days") -> str:
    """A duration in days or hours: `3.1 days`, `120 days`, `5.5 hours`, `20 minutes`."""
    if unit == "days" and value < 1:
        value, unit = value * 24, "hours"
    if unit == "hours" and value < 1:
        return counted(round(value * 60), "minute").replace("no ", "0 ")
    return f"{number_text(value, unit)} {unit}"


def percent(share: float) -> str:
    """A share: `92 %`, `8.8 %`."""
    text = f"{100 * share:.1f}" if 0 < share < 0.1 else f"{100 * share:.0f}"
    return f"{text.removesuffix('.0')}\N{NO-BREAK SPACE}%"


def day_text(day: date, *, year: bool = True) -> str:
    """`16 November 2026`."""
    return f"{day.day} {day:%B}{f' {day.year}' if year else ''}"


def days_text(first: date, last: date) -> str:
    """Two days and all between them: `16 to 22 November 2026`."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_text(last)}"
    return f"{day_text(first, year=first.year != last.year)} to {day_text(last)}"


def month_text(day: date) -> str:
    """`October 2026`."""
    return f"{day:%B} {day.year}"


def quarter_text(day: date) -> str:
    """`the fourth quarter of 2026`."""
    return f"the {('first', 'second', 'third', 'fourth')[(day.month - 1) // 3]} quarter of {day.year}"


def joined(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
