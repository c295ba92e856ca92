"""maniphest.search: constraints, orders and pages of tasks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ddd.demo.endpoint import values
from ddd.demo.endpoint.answers import RESTRICTED, ConduitFailure, OutOfMemory, core_failure
from ddd.demo.endpoint.documents import StoredObject
from ddd.demo.endpoint.orders import order_vector, sort_key
from ddd.demo.endpoint.paging import Key, lost_cursor, paginate, read_cursor, search_page_size
from ddd.demo.endpoint.search import Query, invalid_constraint, read_attachments, search_answer
from ddd.demo.endpoint.store import DocumentStore

Match = Callable[[StoredObject], bool]
_QUERY_CLASS = "ManiphestTaskQuery"
_QUERY_KEYS = {"all", "open", "assigned", "authored", "subscribed"}


class TaskSearch:
    """The method, with sorted lists that are kept until the store is edited."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._sorted: dict[tuple[str, ...], tuple[int, list[tuple[Key, StoredObject]]]] = {}

    def __call__(self, query: Query) -> bytes:
        """Answer a call."""
        size = search_page_size(query.params.get("limit"))
        query_key = query.params.get("queryKey")
        if query_key is not None and query_key not in _QUERY_KEYS:
            raise ConduitFailure("ERR-BAD-QUERYKEY", 'Invalid query for parameter "queryKey".')
        attachments = read_attachments(query, {"columns", "subscribers", "projects"})
        vector = order_vector(query.params.get("order"))
        with self._store.lock:
            candidates, matches = self._constraints(query)
            place = sort_key(vector)
            after, before = (self._cursor(query.params.get(name), place) for name in ("after", "before"))
            ordered = (
                self._all_sorted(vector)
                if candidates is None
                else sorted(((place(task), task) for task in candidates), key=lambda pair: pair[0])
            )
            page = paginate(
                ordered,
                size=size,
                after=after,
                before=before,
                matches=(lambda task: all(match(task) for match in matches)) if matches else None,
                query_class=_QUERY_CLASS,
            )
            if any(task.id in self._store.unreadable_tasks for task in page.items):
                raise OutOfMemory
            return search_answer(query, page, size, attachments, maps=b"{}")

    def _all_sorted(self, vector: tuple[str, ...]) -> list[tuple[Key, StoredObject]]:
        version, ordered = self._sorted.get(vector, (-1, []))
        if version != self._store.version:
            place = sort_key(vector)
            ordered = sorted(
                ((place(task), task) for task in self._store.tasks.values()), key=lambda pair: pair[0]
            )
            self._sorted[vector] = (self._store.version, ordered)
        return ordered

    def _cursor(self, value: Any, place: Callable[[StoredObject], Key]) -> Key | None:
        cursor = read_cursor(value)
        if cursor is None:
            return None
        if not cursor.isdecimal():
            raise core_failure("Task IDs must be integer numbers.")
        task = self._store.tasks.get(int(cursor))
        if task is None:
            raise lost_cursor(cursor, _QUERY_CLASS)
        if not task.is_visible:
            raise core_failure(RESTRICTED)
        return place(task)

    def _constraints(self, query: Query) -> tuple[list[StoredObject] | None, list[Match]]:
        """The few tasks that can match, where ids or PHIDs were given, and the tests they must pass."""
        candidates: list[StoredObject] | None = None
        matches: list[Match] = []
        for name, value in query.constraints().items():
            if name == "ids":
                ids = values.read_ints(name, value, is_strict=query.is_strict)
                found = [self._store.tasks[number] for number in ids if number in self._store.tasks]
                candidates = _intersection(candidates, found)
            elif name == "phids":
                phids = set(values.read_texts(name, value, is_strict=query.is_strict))
                objects = [self._store.objects[phid] for phid in phids if phid in self._store.objects]
                candidates = _intersection(candidates, [task for task in objects if task.type == "TASK"])
            elif name == "projects":
                matches.append(self._project_match(values.read_texts(name, value, is_strict=query.is_strict)))
            elif name in _FIELD_MATCHES:
                matches.append(_FIELD_MATCHES[name](name, value, query.is_strict))
            else:
                raise invalid_constraint()
        return candidates, matches

    def _project_match(self, tokens: list[str]) -> Match:
        """Projects and functions of them; several must all be met, except that one `any()` is enough.

        A project stands for its sub-projects and milestones as well, but not within a function.
        """
        every: list[Match] = []
        some: set[str] = set()
        for token in tokens:
            function = re.fullmatch(r"(\w+)\((.*)\)", token)
            if function is None:
                every.append(_has_any(self._with_descendants(token)))
            elif function[1] == "null":
                every.append(lambda task: not _projects_of(task))
            elif function[1] == "not":
                every.append(_has_none({function[2]}))
            elif function[1] == "any":
                some.add(function[2])  # PHIDs only: a slug in a function is silently nothing
            else:
                raise core_failure(
                    'This datasource ("PhabricatorProjectLogicalDatasource") can not evaluate the function '
                    f'"{function[1]}(...)".'
                )
        if some:
            every.append(_has_any(some))
        return lambda task: all(match(task) for match in every)

    def _with_descendants(self, token: str) -> set[str]:
        projects = self._store.projects
        root = self._store.project_phid(token)
        if root is None:
            return set()
        found = {root}
        while True:
            children = {
                phid
                for phid, project in projects.items()
                if phid not in found
                and project.fields["parent"]
                and project.fields["parent"]["phid"] in found
            }
            if not children:
                return found
            found |= children


def _intersection(known: list[StoredObject] | None, found: list[StoredObject]) -> list[StoredObject]:
    if known is None:
        return found
    ids = {task.id for task in known}
    return [task for task in found if task.id in ids]


def _projects_of(task: StoredObject) -> list[str]:
    phids: list[str] = task.attachment("projects").get("projectPHIDs", [])
    return phids


def _has_any(phids: set[str]) -> Match:
    return lambda task: not phids.isdisjoint(_projects_of(task))


def _has_none(phids: set[str]) -> Match:
    return lambda task: phids.isdisjoint(_projects_of(task))


def _columns_of(task: StoredObject) -> set[str]:
    boards = task.attachment("columns").get("boards") or {}
    return {column["phid"] for board in boards.values() for column in board["columns"]}


def _text_match(value_of: Callable[[StoredObject], Any]) -> Callable[[str, Any, bool], Match]:
    def make(name: str, value: Any, is_strict: bool) -> Match:
        wanted = set(values.read_texts(name, value, is_strict=is_strict))
        return lambda task: value_of(task) in wanted

    return make


def _time_match(field: str, *, is_start: bool) -> Callable[[str, Any, bool], Match]:
    """Both ends are included; an open task has no closing time and never matches one."""

    def make(name: str, value: Any, is_strict: bool) -> Match:
        epoch = values.read_epoch(name, value, is_strict=is_strict)
        if is_start:
            return lambda task: task.fields[field] is not None and task.fields[field] >= epoch
        return lambda task: task.fields[field] is not None and task.fields[field] <= epoch

    return make


def _priority_match(name: str, value: Any, is_strict: bool) -> Match:
    wanted = values.read_ints(name, value, is_strict=is_strict)
    return lambda task: task.fields["priority"]["value"] in wanted


def _column_match(name: str, value: Any, is_strict: bool) -> Match:
    wanted = set(values.read_texts(name, value, is_strict=is_strict))
    return lambda task: not wanted.isdisjoint(_columns_of(task))


def _subscriber_match(name: str, value: Any, is_strict: bool) -> Match:
    wanted = set(values.read_texts(name, value, is_strict=is_strict))
    return lambda task: not wanted.isdisjoint(task.attachment("subscribers").get("subscriberPHIDs", []))


_FIELD_MATCHES: dict[str, Callable[[str, Any, bool], Match]] = {
    "assigned": _text_match(lambda task: task.fields["ownerPHID"]),
    "authorPHIDs": _text_match(lambda task: task.fields["authorPHID"]),
    "closerPHIDs": _text_match(lambda task: task.fields["closerPHID"]),
    "statuses": _text_match(lambda task: task.fields["status"]["value"]),
    "subtypes": _text_match(lambda task: task.fields["subtype"]),
    "spaces": _text_match(lambda task: task.fields["spacePHID"]),
    "priorities": _priority_match,
    "columnPHIDs": _column_match,
    "subscribers": _subscriber_match,
    "createdStart": _time_match("dateCreated", is_start=True),
    "createdEnd": _time_match("dateCreated", is_start=False),
    "modifiedStart": _time_match("dateModified", is_start=True),
    "modifiedEnd": _time_match("dateModified", is_start=False),
    "closedStart": _time_match("dateClosed", is_start=True),
    "closedEnd": _time_match("dateClosed", is_start=False),
}
