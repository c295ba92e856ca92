"""Changes on the branches of trains, `wmf/<version>`: what was brought to a version after it was cut."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from ddd.segments import Document, Rejected
from ddd.sources.gerrit.client import Gerrit
from ddd.sources.whole import Page

STREAM = "changes"

BRANCHES = "branch:^wmf/.*"
OVERLAP = timedelta(hours=1)
"""How far a run goes back before the newest update that is known: clocks of servers differ."""


class _About(msgspec.Struct):
    number: int = msgspec.field(name="_number")
    updated: str


def read_changes(gerrit: Gerrit, since: datetime | None) -> Iterator[Page]:
    """Changes that were updated since a time, or all; what lacks a number or a date is rejected.

    Raises:
        WebError: The server cannot be asked.
    """
    query = BRANCHES if since is None else f'{BRANCHES} after:"{since - OVERLAP:%Y-%m-%d %H:%M:%S}"'
    for changes in gerrit.changes(query):
        page = Page()
        for change in changes:
            body = bytes(change)
            try:
                about = msgspec.json.decode(body, type=_About)
                updated_at = moment(about.updated)
            except (msgspec.MsgspecError, ValueError) as error:
                page.rejected.append(Rejected(STREAM, "", body.decode(errors="replace")[:2000], str(error)))
            else:
                page.documents.append(Document(str(about.number), body, int(updated_at.timestamp())))
        yield page


def moment(text: str) -> datetime:
    """A time of Gerrit's, in UTC: `2026-01-31 12:00:00.000000000`.

    Raises:
        ValueError: It is none.
    """
    return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
