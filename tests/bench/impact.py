"""The tables of docs/impact.md: how often verdicts are wrong, and how often they find what is there.

PYTHONPATH=tests:tests/dbt python -m bench.impact data/demo/dbt/manifest.json 2000
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from impact_organisation_tables import (
    FACTOR,
    LARGE,
    SMALL,
    YEAR,
    of_teams,
    with_effect,
    without_effect,
)
from impact_organisations import Calendar
from impact_simulation import WITH_EFFECT, WITHOUT_EFFECT, simulate

from ddd.impact.statements import compiled_steps


def lines(manifest: Path, runs: int) -> Iterator[str]:
    """Both tables as Markdown."""
    steps = compiled_steps(manifest)
    yield "| weeks without any effect | verdicts | intervals that hold 0 | plain ones | steps with p ≤ 5 % |"
    yield "|---|---|---|---|---|"
    for one in WITHOUT_EFFECT:
        found = simulate(steps, one, runs)
        shares = (found.verdict_share, found.covered_share, found.uncorrected_share, found.step_share)
        yield f"| {one.name} | {' | '.join(f'{100 * share:.1f} %' for share in shares)} |"
    yield ""
    yield "| weeks with an effect | found | in the wrong direction | intervals that hold it |"
    yield "|---|---|---|---|"
    for one in WITH_EFFECT:
        found = simulate(steps, one, runs)
        shares = (found.right_share, found.verdict_share - found.right_share, found.covered_share)
        yield f"| {one.name} | {' | '.join(f'{100 * share:.1f} %' for share in shares)} |"


def organisations(manifest: Path) -> Iterator[str]:
    """Both tables on the demo's generator."""
    steps = compiled_steps(manifest)
    unchanged = {tasks: of_teams(tasks) for tasks in (SMALL, LARGE)}
    yield "| tasks | windows | measure | changes | with enough data | verdicts | intervals that hold 0 |"
    yield "|---|---|---|---|---|---|---|"
    for tasks, teams in unchanged.items():
        for way, measure, one in without_effect(steps, teams):
            counts = f"{one.runs} | {one.enough} | {_percent(one.said)} | {_percent(one.covered)}"
            yield f"| {tasks} | {way} | {measure} | {counts} |"
    yield ""
    yield "| tasks | windows | measure | changes | true | found | wrong direction | intervals that hold it |"
    yield "|---|---|---|---|---|---|---|---|"
    for tasks, teams in unchanged.items():
        for calendar in (Calendar(), YEAR):
            changed = of_teams(tasks, FACTOR, calendar)
            for measure, true, one in with_effect(steps, teams, changed, calendar):
                wrong = _percent(one.said - one.right)
                counts = (
                    f"{one.enough} | {true:.2f} | {_percent(one.right)} | {wrong} | {_percent(one.covered)}"
                )
                yield f"| {tasks} | {calendar.window} | {measure} | {counts} |"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


if __name__ == "__main__":
    manifest, runs = Path(sys.argv[1]), int(sys.argv[2])
    for line in lines(manifest, runs) if runs else organisations(manifest):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
