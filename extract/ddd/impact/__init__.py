"""What became of the figures after a change that nobody declared, by the SQL of the models."""

from __future__ import annotations

from ddd.impact.trying import Tried, try_change

__all__ = ["Tried", "try_change"]
