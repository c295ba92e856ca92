"""maniphest.gettasktransactions, transaction.search and edge.search."""

from __future__ import annotations

from typing import Any

from ddd.demo.endpoint.answers import RESTRICTED, ConduitFailure, OutOfMemory, core_failure, php_json
from ddd.demo.endpoint.documents import StoredTransaction
from ddd.demo.endpoint.paging import (
    Key,
    Page,
    PageSize,
    clamped_page_size,
    lost_cursor,
    paginate,
    read_cursor,
)
from ddd.demo.endpoint.search import Query
from ddd.demo.endpoint.search_rows import search_row
from ddd.demo.endpoint.store import DocumentStore

_TRANSACTION_QUERY = "ManiphestTransactionQuery"


def gettasktransactions(store: DocumentStore, query: Query) -> bytes:
    """Answer maniphest.gettasktransactions: newest first; what is missing or secret is just absent."""
    with store.lock:
        found = [
            history
            for task_id in _task_ids(query.params.get("ids"))
            if task_id in store.tasks
            and store.tasks[task_id].is_visible
            and (history := store.history(task_id))
        ]
        if any(history[0].task.id in store.unreadable_histories for history in found):
            raise OutOfMemory
    if not found:
        return b"[]"
    # the server groups rows as it reads them, newest transaction first
    found.sort(key=lambda history: -history[0].id)
    return b"{%s}" % b",".join(
        b'"%d":[%s]' % (history[0].task.id, b",".join(transaction.row for transaction in history))
        for history in found
    )


def _task_ids(value: Any) -> list[int]:
    if isinstance(value, list) and any(isinstance(item, list | dict) for item in value):
        raise core_failure("Array to string conversion")
    if not isinstance(value, list) or not value or not all(str(item).isdecimal() for item in value):
        raise ConduitFailure("ERR-BAD-IDS", 'Must pass an array of integer task IDs for parameter "ids".')
    return list(dict.fromkeys(int(item) for item in value))


class TransactionSearch:
    """transaction.search for tasks, with a sorted list that is kept until the store is edited."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._version = -1
        self._sorted: list[tuple[Key, StoredTransaction]] = []

    def __call__(self, query: Query) -> bytes:
        """Answer a call."""
        size = clamped_page_size(query.params.get("limit"))
        store = self._store
        with store.lock:
            if query.params.get("objectIdentifier") in {
                f"T{number}" for number in store.unreadable_histories
            }:
                raise OutOfMemory
            ordered = self._rows(query)
            after, before = (self._cursor(query.params.get(name)) for name in ("after", "before"))
            author_phids = self._author_phids(query)
            page = paginate(
                ordered,
                size=size,
                after=after,
                before=before,
                matches=(lambda row: row.content()["authorPHID"] in author_phids) if author_phids else None,
                query_class=_TRANSACTION_QUERY,
            )
            data = b",".join(search_row(store, transaction) for transaction in page.items)
        return _without_order(data, page, size)

    def _rows(self, query: Query) -> list[tuple[Key, StoredTransaction]]:
        store = self._store
        object_type, identifier = query.params.get("objectType"), query.params.get("objectIdentifier")
        if object_type and identifier:
            raise ConduitFailure(
                "ERR-INVALID-PARAMETERS",
                'Must not specify both parameter "objectType" and parameter "objectIdentifier".',
            )
        if identifier:
            return self._of_object(str(identifier))
        if not object_type:
            raise ConduitFailure(
                "ERR-INVALID-PARAMETER",
                'Must specify either parameter "objectType" or parameter "objectIdentifier".',
            )
        if object_type in {"PROJ", "PCOL", "USER"}:
            return []  # the store keeps the histories of tasks only
        if object_type != "TASK":
            raise ConduitFailure(
                "ERR-INVALID-OBJECT-TYPE",
                'Specified "objectType" does not exist. '
                "See the endpoint documentation for valid object types.",
            )
        if self._version != store.version:
            self._sorted = [
                ((-number,), store.transactions[number])
                for number in sorted(store.transactions, reverse=True)
            ]
            self._version = store.version
        return self._sorted

    def _of_object(self, identifier: str) -> list[tuple[Key, StoredTransaction]]:
        store = self._store
        number = identifier.removeprefix("T")
        found = store.objects.get(identifier) or (
            store.tasks.get(int(number)) if number.isdecimal() else None
        )
        if found is None:
            raise ConduitFailure("ERR-INVALID-OBJECT-PHID", 'Specified "objectIdentifier" does not exist.')
        if not found.is_visible:
            raise core_failure(RESTRICTED)
        if found.type != "TASK":
            return []
        return [((-transaction.id,), transaction) for transaction in store.history(found.id)]

    def _cursor(self, value: Any) -> Key | None:
        cursor = read_cursor(value)
        if cursor is None:
            return None
        if not cursor.isdecimal():
            raise core_failure("Expected a numeric scalar or null for %Ld conversion. Query: x.id IN (%Ld)")
        transaction = self._store.transactions.get(int(cursor))
        if transaction is not None and not transaction.is_visible:
            raise core_failure(RESTRICTED)
        if transaction is None:
            raise lost_cursor(cursor, _TRANSACTION_QUERY)
        return (-transaction.id,)

    def _author_phids(self, query: Query) -> set[str]:
        constraints = dict(query.constraints())
        author_phids = set(constraints.pop("authorPHIDs", []))
        if constraints:
            raise ConduitFailure("ERR-CONDUIT-CALL", f"Got unexpected parameters: {', '.join(constraints)}")
        return author_phids


def _without_order(data: bytes, page: Page[Any], size: PageSize) -> bytes:
    cursor = php_json({"limit": size.asked, "after": page.after, "before": page.before})
    return b'{"data":[%s],"cursor":%s}' % (data, cursor)
