"""What came of a declared change, in words: pages, commands and reports say the same thing alike.

Every number and every judgement is a column of `metric_change_impact`; the sentences are only English.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ddd.wording import counted, joined, percent

DECIDED = ("better", "worse", "changed", "something else changed")
"""Verdicts that say that figures differ by more than chance explains."""

Row = Mapping[str, Any]


def value_text(value: float | None, unit: str) -> str:
    """A value of a measure with its unit: `12.3 days`, `8.8 %`."""
    if value is None:
        return "–"
    if unit == "share":
        return percent(value)
    return f"{_number(value)} {unit}"


def range_text(low: float, high: float, unit: str) -> str:
    """From one value to another: `4 to 16 days`, `4 % to 16 %`."""
    return f"{value_text(low, unit).removesuffix(f' {unit}')} to {value_text(high, unit)}"


def change_text(value: float, unit: str) -> str:
    """A difference between two values, with its sign; of shares in percentage points."""
    if unit == "share":
        return f"{_signed(100 * value)} percentage points"
    return f"{_signed(value)} {unit}"


def sentence(row: Row) -> str:
    """One measure's verdict, as a sentence."""
    measure, unit, verdict = row["measure"], row["unit"], row["verdict"]
    if verdict == "too little data":
        return f"Too little data on {measure}: {_sizes(row)}."
    values = f"{value_text(row['before_value'], unit)} before, {value_text(row['after_value'], unit)} after"
    if verdict == "no evidence":
        possible = f"; anything from {_interval(row)} is possible" if _has_interval(row) else ""
        return f"No evidence that {measure} changed: {values}{possible}."
    went = f"{_capital(measure)} went {_way(row)} from {_bare(row, 'before_value')}"
    went += f" to {value_text(row['after_value'], unit)}{_size_of_change(row)}"
    if verdict == "something else changed":
        return f"{went}, but something else changed at the same time."
    surprise = "" if row["is_as_expected"] is None or row["is_as_expected"] else ", which nobody expected"
    return f"{went}: {verdict}{surprise}."


def answer(rows: Iterable[Row]) -> list[str]:
    """The answer for one subject: what it was meant for, what else is decided, the rest in short."""
    ordered = sorted(rows, key=lambda row: (not row["is_expected"], row["sequence"]))
    meant = [row for row in ordered if row["is_expected"]]
    others = [row for row in ordered if not row["is_expected"]]
    said = [sentence(row) for row in meant]
    said += [sentence(row) for row in others if row["verdict"] in DECIDED]
    besides = " else" if said else ""
    for verdict, words in (
        ("no evidence", f"No evidence that anything{besides} changed"),
        ("too little data", "Too little data"),
    ):
        measures = [row["measure"] for row in others if row["verdict"] == verdict]
        if measures:
            said.append(f"{words}: {joined(measures)}.")
    return said


def caveats(rows: Iterable[Row]) -> list[tuple[str, list[str]]]:
    """What to mind, with the measures of which it is said."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for text in (row["caveats"] or "").splitlines():
            if text.strip():
                found.setdefault(text.strip(), []).append(row["measure"])
    return list(found.items())


def short_verdict(rows: Iterable[Row]) -> str:
    """A change's verdict in a word: of what it was meant for, else of all; of several the most decided."""
    rows = list(rows)
    meant = [row for row in rows if row["is_expected"]] or rows
    found = {row["verdict"] for row in meant}
    if {"better", "worse"} <= found:
        return "better and worse"
    order = ("worse", "better", "changed", "something else changed", "no evidence", "too little data")
    return next((verdict for verdict in order if verdict in found), "not measured")


def _number(value: float) -> str:
    digits = 0 if abs(value) >= 100 or float(value).is_integer() else 1 if abs(value) >= 1 else 2
    text = f"{abs(value):,.{digits}f}"
    return f"−{text}" if value < 0 and float(text.replace(",", "")) else text


def _signed(value: float) -> str:
    text = _number(value)
    return text if text.startswith("−") else f"{'+' if float(text.replace(',', '')) else '±'}{text}"


def _has_interval(row: Row) -> bool:
    return row["difference_low"] is not None and row["difference_high"] is not None


def _interval(row: Row) -> str:
    scale = 100 if row["unit"] == "share" else 1
    low, high = _signed(scale * row["difference_low"]), _signed(scale * row["difference_high"])
    return f"{low} to {high} {'percentage points' if row['unit'] == 'share' else row['unit']}"


def _size_of_change(row: Row) -> str:
    parts = []
    if row["difference_share"] is not None:
        parts.append(f"{_signed(round(100 * row['difference_share']))}\N{NO-BREAK SPACE}%")
    if _has_interval(row):
        parts.append(f"95\N{NO-BREAK SPACE}% interval {_interval(row)}")
    return f" ({'; '.join(parts)})" if parts else ""


def _way(row: Row) -> str:
    return "up" if (row["difference"] or 0) > 0 else "down"


def _bare(row: Row, column: str) -> str:
    """A value without its unit, where the unit follows soon."""
    return value_text(row[column], row["unit"]).removesuffix(f" {row['unit']}")


def _sizes(row: Row) -> str:
    sizes = []
    for window in ("before", "after"):
        weeks = counted(row[f"{window}_weeks_count"] or 0, "week")
        samples = counted(row[f"{window}_samples_count"] or 0, "sample")
        sizes.append(f"{weeks} with {samples} {window}")
    return joined(sizes)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
