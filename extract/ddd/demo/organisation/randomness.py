"""Anchored randomness: what is drawn depends on seed and name, never on how much was drawn elsewhere."""

from __future__ import annotations

import base64
import hashlib
import math
import random

_LETTERS_AT_ONCE = 32_000
_LETTERS = b"abcdefghijklmnopqrstuvwxyz234567" * 8


def stream(*names: object) -> random.Random:
    """A random stream of its own for a name, such as a seed and a week."""
    return random.Random("/".join(map(str, names)))  # noqa: S311 - a simulation, not a secret


def phid(kind: str, *names: object) -> str:
    """A PHID that belongs to a name: its type and twenty characters of a to z and 2 to 7."""
    digest = hashlib.blake2b("/".join(map(str, names)).encode(), digest_size=15).digest()
    return f"PHID-{kind}-{base64.b32encode(digest).decode().lower()[:20]}"


class Letters:
    """Random characters as PHIDs are made of, drawn from a long piece at a time, which is cheap."""

    __slots__ = ("_buffer", "_place", "_random")

    def __init__(self, *names: object) -> None:
        self._random = stream("letters", *names)
        self._buffer = ""
        self._place = 0

    def take(self, count: int) -> str:
        """The next characters."""
        end = self._place + count
        if end > len(self._buffer):
            self._buffer = self._random.randbytes(_LETTERS_AT_ONCE).translate(_LETTERS).decode()
            self._place, end = 0, count
        taken = self._buffer[self._place : end]
        self._place = end
        return taken


def poisson(rng: random.Random, mean: float) -> int:
    """A count of independent events; for many of them their normal approximation."""
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
