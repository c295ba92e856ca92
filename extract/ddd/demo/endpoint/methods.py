"""The methods that the endpoint knows, and the way from a request to an answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from ddd.demo.endpoint.answers import ConduitFailure, php_json, result
from ddd.demo.endpoint.edges import edge_search
from ddd.demo.endpoint.form import Request, unknown_parameters
from ddd.demo.endpoint.handles import phid_lookup, phid_query
from ddd.demo.endpoint.histories import TransactionSearch, gettasktransactions
from ddd.demo.endpoint.reference_search import column_search, project_search, user_search
from ddd.demo.endpoint.search import Query
from ddd.demo.endpoint.store import DocumentStore
from ddd.demo.endpoint.task_search import TaskSearch

Method = Callable[[Query], bytes]

_SEARCH = ["queryKey", "constraints", "attachments", "order", "before", "after", "limit"]
_PARAMETERS: dict[str, list[str]] = {
    "conduit.getcapabilities": [],
    "conduit.ping": [],
    "conduit.query": [],
    "edge.search": ["sourcePHIDs", "types", "destinationPHIDs", "before", "after", "limit"],
    "maniphest.gettasktransactions": ["ids"],
    "maniphest.priority.search": [],
    "maniphest.querystatuses": [],
    "maniphest.search": _SEARCH,
    "maniphest.status.search": [],
    "phid.lookup": ["names"],
    "phid.query": ["phids"],
    "project.column.search": _SEARCH,
    "project.search": _SEARCH,
    "transaction.search": ["objectIdentifier", "objectType", "constraints", "before", "after", "limit"],
    "user.search": _SEARCH,
    "user.whoami": [],
}
_WITHOUT_TOKEN = {"conduit.getcapabilities", "conduit.ping"}
_TOKEN_LENGTH = 32


class Methods:
    """The methods over one store."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._methods: dict[str, Method] = {
            "conduit.getcapabilities": lambda _: php_json(_CAPABILITIES),
            "conduit.ping": lambda _: b'"demo"',
            "conduit.query": lambda _: php_json(_described(store)),
            "edge.search": partial(edge_search, store),
            "maniphest.gettasktransactions": partial(gettasktransactions, store),
            "maniphest.priority.search": lambda _: _data(store.priorities),
            "maniphest.querystatuses": partial(_querystatuses, store),
            "maniphest.search": TaskSearch(store),
            "maniphest.status.search": lambda _: _data(store.statuses),
            "phid.lookup": partial(phid_lookup, store),
            "phid.query": partial(phid_query, store),
            "project.column.search": partial(column_search, store),
            "project.search": partial(project_search, store),
            "transaction.search": TransactionSearch(store),
            "user.search": partial(user_search, store),
            "user.whoami": lambda _: store.whoami,
        }

    def require(self, name: str) -> None:
        """Check that there is such a method, which the server does before it looks at the token.

        Raises:
            ConduitFailure: There is none; names are case-sensitive.
        """
        if name not in self._methods or name in self._store.removed_methods:
            raise ConduitFailure("ERR-CONDUIT-CALL", f'Conduit API method "{name}" does not exist.')

    def call(self, name: str, request: Request) -> bytes:
        """Answer a call with the envelope of its result.

        Raises:
            ConduitFailure: The token, a parameter or the call itself is refused.
        """
        self.require(name)
        if name not in _WITHOUT_TOKEN:
            self._check_token(request.token)
        unknown = [parameter for parameter in request.params if parameter not in _PARAMETERS[name]]
        if unknown:
            raise unknown_parameters(name, unknown)
        return result(self._methods[name](Query(request.params, request.is_strict)))

    def _check_token(self, token: str) -> None:
        if not token:
            raise ConduitFailure("ERR-INVALID-SESSION", "Session key is not present.")
        if not self._store.token or token == self._store.token:
            return
        # the server repeats the token, which is why clients must redact what it says
        said = f'API token "{token}"'
        if len(token) != _TOKEN_LENGTH:
            said += " has the wrong length. API tokens should be 32 characters long."
        elif token[:4] not in {"api-", "cli-", "clr-"}:
            said += (
                " has the wrong format. API tokens should be 32 characters long and begin with one of "
                "these prefixes: api, cli, clr."
            )
        else:
            said += " is not valid."
        raise ConduitFailure("ERR-INVALID-AUTH", said)


_CAPABILITIES = {
    "authentication": ["token", "asymmetric", "session", "sessionless"],
    "signatures": ["consign"],
    "input": ["json", "urlencoded"],
    "output": ["json", "human"],
}


def _described(store: DocumentStore) -> dict[str, Any]:
    return {
        name: {
            "description": "A method of the simulated server.",
            "params": dict.fromkeys(parameters, "optional"),
            "return": "wild",
        }
        for name, parameters in _PARAMETERS.items()
        if name not in store.removed_methods
    }


def _data(rows: list[bytes]) -> bytes:
    return b'{"data":[%s]}' % b",".join(rows)


def _querystatuses(store: DocumentStore, query: Query) -> bytes:
    del query
    statuses = [msgspec.json.decode(row) for row in store.statuses]
    closed = {str(index): status["value"] for index, status in enumerate(statuses) if status["closed"]}
    special = {status["special"]: status["value"] for status in statuses if "special" in status}
    return php_json(
        {
            "defaultStatus": special.get("default"),
            "defaultClosedStatus": special.get("closed"),
            "duplicateStatus": special.get("duplicate"),
            "openStatuses": [status["value"] for status in statuses if not status["closed"]],
            "closedStatuses": closed,
            "allStatuses": [status["value"] for status in statuses],
            "statusMap": {status["value"]: status["name"] for status in statuses},
        }
    )
