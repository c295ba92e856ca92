"""Finds changes as Gerrit's search does.

https://gerrit-review.googlesource.com/Documentation/user-search.html; understood are `branch:` with a regular
expression and `after:` side by side, or `change:` and `commit:` with `OR` between them.
"""

from __future__ import annotations

import re
import shlex
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

Change = dict[str, Any]

_NAMING = ("change:", "commit:")

LONGEST_QUERY_TERMS = 1024
"""A query of more terms is refused, as `index.maxTerms` has it."""


class UnknownQueryError(Exception):
    """The query makes no sense to the server: HTTP 400."""


class Changes:
    """What a server holds, and which of it a query finds.

    Args:
        changes: The changes as the server would list them; may be edited meanwhile.
        page_size: Most changes in an answer.
    """

    def __init__(self, changes: Sequence[Change] = (), *, page_size: int = 500) -> None:
        self.changes: list[Change] = list(changes)
        self.page_size = page_size

    def page(self, parameters: Mapping[str, Sequence[str]]) -> list[Change]:
        """A page of an answer, newest update first; its last change says whether there are more.

        Args:
            parameters: Those of the request: `q`, `n` and `S`.

        Raises:
            UnknownQueryError: The query makes no sense.
        """
        found = self._found(parameters["q"][0])
        start = int(parameters.get("S", ["0"])[0])
        size = min(int(parameters.get("n", ["500"])[0]), self.page_size)
        page = found[start : start + size]
        if start + size < len(found):
            page = [*page[:-1], {**page[-1], "_more_changes": True}]
        return page

    def _found(self, query: str) -> list[Change]:
        words = shlex.split(query)
        is_any = "OR" in words
        terms = [word for word in words if word != "OR"]
        if len(terms) > LONGEST_QUERY_TERMS:
            raise UnknownQueryError("too many terms in query")
        if is_any and len(words) != 2 * len(terms) - 1:
            raise UnknownQueryError("line 1:0 no viable alternative")
        if is_any or all(term.startswith(_NAMING) for term in terms):
            found = self._named(terms)
        else:
            predicates = [_predicate(term) for term in terms]
            found = [one for one in self.changes if all(holds(one) for holds in predicates)]
        return sorted(found, key=lambda one: str(one.get("updated", "")), reverse=True)

    def _named(self, terms: Sequence[str]) -> list[Change]:
        """Changes that one of the terms names."""
        by_name = defaultdict(list)
        commits = []
        for position, one in enumerate(self.changes):
            for name in _names(one):
                by_name[name].append(position)
            commits += [(commit, position) for commit in one.get("revisions", {})]
        commits.sort()
        found: set[int] = set()
        for term in terms:
            operator, _, value = term.partition(":")
            if operator == "change":
                found.update(by_name[value])
            elif operator == "commit" and re.fullmatch(r"[0-9a-f]{4,40}", value):
                first = bisect_left(commits, (value, -1))
                for commit, position in islice(commits, first, None):
                    if not commit.startswith(value):
                        break
                    found.add(position)
            else:
                raise UnknownQueryError(f"unsupported operator {term}")
        return [self.changes[position] for position in found]


def _predicate(term: str) -> Callable[[Change], bool]:
    operator, _, value = term.partition(":")
    if operator == "branch" and value.startswith("^"):
        pattern = re.compile(value[1:])
        return lambda one: bool(pattern.fullmatch(str(one.get("branch", ""))))
    if operator == "after":
        return lambda one: str(one.get("updated", "")) >= value
    raise UnknownQueryError(f"unsupported operator {term}")


def _names(change: Change) -> set[str]:
    number, change_id, project = change.get("_number"), change.get("change_id"), change.get("project")
    return {
        str(number),
        str(change_id),
        f"{project}~{number}",
        f"{project}~{change.get('branch')}~{change_id}",
    }
