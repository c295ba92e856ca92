"""The tables of docs/impact.md: how often verdicts are wrong, and how often they find what is there.

PYTHONPATH=tests:tests/dbt python -m bench.impact data/demo/dbt/manifest.json 2000
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

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


if __name__ == "__main__":
    for line in lines(Path(sys.argv[1]), int(sys.argv[2])):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
