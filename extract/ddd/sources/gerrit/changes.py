"""Changes of the server: how they are kept, and those of the trains' branches, `wmf/<version>`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from ddd.segments import Document, Rejected
from ddd.sources.gerrit.cleaning import cleaned_text, without_addresses
from ddd.sources.gerrit.client import Gerrit
from ddd.sources.whole import Page

STREAM = "changes"

BRANCHES = "branch:^wmf/.*"
OVERLAP = timedelta(hours=1)
"""How far a run goes back before the newest update that is known: clocks of servers differ."""


class Change(msgspec.Struct, frozen=True):
    """What names a change and says how far it is."""

    number: int = msgspec.field(name="_number")
    updated: str
    project: str = ""
    branch: str = ""
    change_id: str = ""
    status: str = ""
    current_revision: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it will change that a model reads."""
        return self.status in {"MERGED", "ABANDONED"}


def read_changes(gerrit: Gerrit, since: datetime | None) -> Iterator[Page]:
    """Changes of the trains' branches that were updated since a time, or all.

    Raises:
        WebError: The server cannot be asked.
    """
    query = BRANCHES if since is None else f'{BRANCHES} after:"{since - OVERLAP:%Y-%m-%d %H:%M:%S}"'
    for changes in gerrit.changes(query):
        page, _ = page_of(changes)
        yield page


def page_of(bodies: Iterable[msgspec.Raw]) -> tuple[Page, list[Change]]:
    """Changes as documents without e-mail addresses; what lacks a number or a date is rejected."""
    page, found = Page(), []
    for raw in bodies:
        body = bytes(raw)
        try:
            body = without_addresses(body)
            change = msgspec.json.decode(body, type=Change)
            updated_at = moment(change.updated)
        except (msgspec.MsgspecError, ValueError) as error:
            text = cleaned_text(body.decode(errors="replace"))[:2000]
            page.rejected.append(Rejected(STREAM, "", text, str(error)))
        else:
            page.documents.append(Document(str(change.number), body, int(updated_at.timestamp())))
            found.append(change)
    return page, found


def moment(text: str) -> datetime:
    """A time of Gerrit's, in UTC: `2026-01-31 12:00:00.000000000`.

    Raises:
        ValueError: It is none.
    """
    return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
