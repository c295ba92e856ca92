"""A figure's course as a small drawing: points of an SVG, without axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 240, 56, 4


@dataclass(frozen=True)
class Sparkline:
    """What the template draws.

    Attributes:
        line: The `d` of the path; a week without a value interrupts it.
        band: The points of the usual ranges' polygon; empty where there is none.
        dots: Centres of the weeks that are beyond their range.
        last: Centre of the last week; nothing where it has no value.
    """

    line: str
    band: str
    dots: list[tuple[float, float]]
    last: tuple[float, float] | None


def sparkline(
    values: Sequence[float | None],
    ranges: Sequence[tuple[float, float] | None],
    is_unusual: Sequence[bool],
) -> Sparkline:
    """Draw values in equal steps, from 0 up or, where all are far from it, around them.

    Args:
        values: Oldest first; null where there is none.
        ranges: The usual range of each, or nothing.
        is_unusual: Which of them get a dot.
    """
    numbers = [one for one in values if one is not None] + [
        end for one in ranges if one is not None for end in one
    ]
    high = max(numbers, default=1.0)
    low = min(numbers, default=0.0)
    if low < 0.6 * high:
        low = 0.0
    span = (high - low) or 1.0

    def x(place: int) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * place / max(len(values) - 1, 1), 1)

    def y(value: float) -> float:
        return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value - low) / span, 1)

    points = [None if value is None else (x(place), y(value)) for place, value in enumerate(values)]
    steps = [
        f"{'L' if place and points[place - 1] else 'M'}{point[0]},{point[1]}"
        for place, point in enumerate(points)
        if point
    ]
    known = [(place, one) for place, one in enumerate(ranges) if one is not None]
    upper = [f"{x(place)},{y(one[1])}" for place, one in known]
    lower = [f"{x(place)},{y(one[0])}" for place, one in reversed(known)]
    return Sparkline(
        line=" ".join(steps),
        band=" ".join([*upper, *lower]),
        dots=[point for point, is_one in zip(points, is_unusual, strict=True) if point and is_one],
        last=points[-1] if points else None,
    )
