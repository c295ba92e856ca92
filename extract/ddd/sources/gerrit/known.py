"""What is known of links and of the changes that they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from ddd.settings import Settings
from ddd.sources.gerrit import changes, lookups, recorded
from ddd.sources.gerrit.changes import Change
from ddd.sources.gerrit.lookups import Lookup
from ddd.warehouse import Documents

NAME = "gerrit"
STREAMS = (changes.STREAM, recorded.STREAM, lookups.STREAM)


def links_to_ask(settings: Settings, links: Iterable[str], *, again: str) -> list[str]:
    """Links of which it is not known, or not for good, where they lead; each once.

    Args:
        settings: Which site.
        links: All links.
        again: Which to ask for again: `all`, those that led `nowhere`, or `open` changes only.
    """
    wanted = list(dict.fromkeys(links))
    if again == "all" or not wanted:
        return wanted
    with Documents(settings, NAME, STREAMS) as documents:
        rows = documents.connection.execute(
            f"select max_by(document, batch) from raw.{NAME}_{lookups.STREAM} group by key"
        ).fetchall()
    known = (msgspec.json.decode(document, type=Lookup) for (document,) in rows)
    done = {
        one.link
        for one in known
        if one.is_settled and (one.change_numbers or again == "open" or not one.term)
    }
    return [link for link in wanted if link not in done]


def known_changes(settings: Settings) -> Iterator[Change]:
    """All changes that are here, as they were found last."""
    with Documents(settings, NAME, STREAMS) as documents:
        cursor = documents.connection.execute(
            f"select max_by(document, batch) from raw.{NAME}_{changes.STREAM} group by key"
        )
        while rows := cursor.fetchmany(1000):
            for (document,) in rows:
                yield msgspec.json.decode(document, type=Change)


def last_asked_at(settings: Settings) -> datetime | None:
    """When the server was last asked for all that was new on the trains' branches, UTC; none before that."""
    with Documents(settings, NAME, STREAMS) as documents:
        row = documents.connection.execute(
            "select max(watermark_at) from raw.runs where source = ? and stream = ? and outcome = 'complete'",
            [NAME, changes.STREAM],
        ).fetchone()
    return row[0].replace(tzinfo=UTC) if row and row[0] else None
