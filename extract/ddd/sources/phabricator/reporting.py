"""What a person is told at the end of a run."""

from __future__ import annotations

from collections.abc import Sequence

from ddd.quarantine import OpenRow

_SHOWN_KEYS = 5
_NAMES = {
    "tasks": ("task", "tasks"),
    "histories": ("history of a task", "histories of tasks"),
    "transactions": ("transaction", "transactions"),
    "transaction_records": ("transaction", "transactions"),
}


def quarantine_warnings(rows: Sequence[OpenRow], resolved_count: int) -> list[str]:
    """One warning a stream with unreadable documents: how many, which, and the reason of the first.

    Args:
        rows: What is unreadable after the run.
        resolved_count: What was unreadable before it, and could be read now.
    """
    warnings = []
    for stream in dict.fromkeys(row.stream for row in rows):
        found = [row for row in rows if row.stream == stream]
        one, many = _NAMES.get(stream, (f"document of {stream}", f"documents of {stream}"))
        keys = [_shown(stream, row.key) for row in found if row.key]
        named = (
            f" ({', '.join(keys[:_SHOWN_KEYS])}{', ...' if len(keys) > _SHOWN_KEYS else ''})" if keys else ""
        )
        warnings.append(
            f"{len(found):,} {one if len(found) == 1 else many}{named} could not be read and "
            f"{'is' if len(found) == 1 else 'are'} quarantined; everything else went on. "
            f"{found[0].reason.rstrip('.')}. The next run tries again; table raw.quarantine lists them"
        )
    if resolved_count:
        warnings.append(f"{resolved_count:,} documents that were quarantined could be read this time")
    return warnings


def _shown(stream: str, key: str) -> str:
    return f"T{key}" if stream in {"tasks", "histories"} else key


def gone_warning(gone_count: int, again_count: int) -> list[str]:
    """What a run found gone or there again; nothing where there is nothing."""
    said = []
    if gone_count:
        said.append(f"{gone_count:,} objects are gone (destroyed or hidden) and leave the figures")
    if again_count:
        said.append(f"{again_count:,} objects that were gone are there again")
    return said


COLUMNS_MISSING = (
    "This server's transaction.search does not say into which columns tasks were moved, and it has no "
    "maniphest.gettasktransactions: cycle time and cumulative flow lack the history of columns. Phorge has "
    "both methods complete since July 2026; ask the administrator for an upgrade"
)
