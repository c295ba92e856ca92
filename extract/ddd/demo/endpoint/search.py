"""What all search methods share: parameters, constraints, attachments and the shape of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ddd.demo.endpoint.answers import ConduitFailure, php_json
from ddd.demo.endpoint.documents import StoredObject
from ddd.demo.endpoint.paging import Page, PageSize


@dataclass(frozen=True)
class Query:
    """A call's parameters, and how strictly they are read.

    Attributes:
        params: Parameters by name.
        is_strict: Whether they came as JSON, so that types count.
    """

    params: Mapping[str, Any]
    is_strict: bool

    def constraints(self) -> Mapping[str, Any]:
        """The constraints.

        Raises:
            ConduitFailure: They are not a map.
        """
        constraints = self.params.get("constraints")
        if constraints is None or constraints == []:
            return {}
        if isinstance(constraints, list):
            raise invalid_constraint()
        if not isinstance(constraints, dict):
            raise ConduitFailure(
                "ERR-INVALID-CONSTRAINTS-FORMAT", 'Parameter "constraints" must be a map of constraints.'
            )
        return constraints


def invalid_constraint() -> ConduitFailure:
    """The failure for a constraint that the method does not know."""
    return ConduitFailure("ERR-INVALID-CONSTRAINT", 'Parameter "constraints" includes an invalid key.')


def read_attachments(query: Query, known: set[str]) -> frozenset[str]:
    """The attachments asked for; the server looks at the keys only.

    Raises:
        ConduitFailure: The method has no such attachment.
    """
    asked = frozenset(query.params.get("attachments") or {})
    if not asked <= known:
        raise ConduitFailure("ERR-INVALID-ATTACHMENT", 'Parameter "attachments" includes an invalid key.')
    return asked


def search_answer(
    query: Query, page: Page[StoredObject], size: PageSize, attachments: frozenset[str], *, maps: bytes
) -> bytes:
    """The result of a search method."""
    data = b",".join(item.document(attachments) for item in page.items)
    cursor = php_json(
        {
            "limit": size.asked,
            "after": page.after,
            "before": page.before,
            "order": query.params.get("order"),
        }
    )
    query_key = php_json({"queryKey": query.params.get("queryKey")})
    return b'{"data":[%s],"maps":%s,"query":%s,"cursor":%s}' % (data, maps, query_key, cursor)
