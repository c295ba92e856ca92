"""edge.search, from the edges that transactions of tasks have made and unmade."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ddd.demo.endpoint.answers import ConduitFailure, core_failure, php_json
from ddd.demo.endpoint.documents import StoredObject
from ddd.demo.endpoint.paging import clamped_page_size, read_cursor
from ddd.demo.endpoint.search import Query
from ddd.demo.endpoint.store import DocumentStore

_TYPES = {
    "task.subtask": 3,
    "task.parent": 4,
    "mentioned-in": 51,
    "mention": 52,
    "task.merged-in": 62,
    "task.duplicate": 63,
}


@dataclass(frozen=True, order=True)
class _Edge:
    created: int
    transaction_id: int
    place: int
    source: str
    name: str
    destination: str


def edge_search(store: DocumentStore, query: Query) -> bytes:
    """Answer edge.search: newest first; one secret or unknown source spoils the whole call."""
    size = clamped_page_size(query.params.get("limit"))
    names = query.params.get("types") or []
    if not set(names) <= set(_TYPES):
        raise ConduitFailure("ERR-BAD-TYPES", 'Invalid edge type(s) included for parameter "types".')
    with store.lock:
        sources = [store.objects.get(phid) for phid in query.params.get("sourcePHIDs") or []]
        if not sources or not all(source is not None and source.is_visible for source in sources):
            raise ConduitFailure(
                "ERR-BAD-SOURCEPHIDS", 'Invalid PHID(s) included for parameter "sourcePHIDs".'
            )
        found = [
            edge for source in sources if source is not None for edge in _edges(store, source, set(names))
        ]
    found.sort(reverse=True)
    start = _start(query, found)
    page = found[start : start + size.count]
    data = [
        {"sourcePHID": edge.source, "edgeType": edge.name, "destinationPHID": edge.destination}
        for edge in page
    ]
    has_more = start + size.count < len(found)
    after = _cursor_of(page[-1]) if page and has_more else None
    before = _cursor_of(page[0]) if page and start else None
    return php_json({"data": data, "cursor": {"limit": size.asked, "after": after, "before": before}})


def _edges(store: DocumentStore, task: StoredObject, names: set[str]) -> list[_Edge]:
    wanted = {_TYPES[name]: name for name in names}
    present: dict[tuple[int, str], _Edge] = {}
    for transaction in reversed(store.history(task.id)):
        row = transaction.content()
        if row["transactionType"] != "core:edge":
            continue
        kind = row["meta"]["edge:type"]
        if kind not in wanted:
            continue
        old, new = list(row["oldValue"]), list(row["newValue"])
        for phid in old:
            if phid not in new:
                present.pop((kind, phid), None)
        for place, phid in enumerate(new):
            if phid not in old:
                present[kind, phid] = _Edge(
                    int(row["dateCreated"]), transaction.id, place, task.phid, wanted[kind], phid
                )
    return list(present.values())


def _cursor_of(edge: _Edge) -> str:
    return f"{edge.created}_{edge.transaction_id * 1000 + edge.place}"


def _start(query: Query, found: list[_Edge]) -> int:
    cursor = read_cursor(query.params.get("after"))
    if cursor is None:
        return 0
    if not re.fullmatch(r"\d+_\d+", cursor):
        raise core_failure(f'Expected edge cursor in the form "0123_6789", got "{cursor}".')
    return next((index + 1 for index, edge in enumerate(found) if _cursor_of(edge) == cursor), len(found))
