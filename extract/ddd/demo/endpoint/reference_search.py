"""project.search, project.column.search and user.search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ddd.demo.endpoint import values
from ddd.demo.endpoint.answers import RESTRICTED, ConduitFailure, core_failure, php_json
from ddd.demo.endpoint.documents import StoredObject
from ddd.demo.endpoint.orders import name_key
from ddd.demo.endpoint.paging import Key, lost_cursor, paginate, read_cursor, search_page_size
from ddd.demo.endpoint.search import Query, invalid_constraint, read_attachments, search_answer
from ddd.demo.endpoint.store import DocumentStore

Match = Callable[[StoredObject], bool]
_AVAILABLE = b'{"value":"available","until":null,"name":"Available","color":"green","eventPHID":null}'


def _answer(
    query: Query,
    objects: dict[str, StoredObject],
    matches: list[Match],
    *,
    place: Callable[[StoredObject], Key],
    query_class: str,
    attachments: frozenset[str],
    maps: bytes = b"{}",
) -> bytes:
    size = search_page_size(query.params.get("limit"))
    order = query.params.get("order")
    if order is not None and order not in _ORDERS:
        raise core_failure(f'Query "{query_class}" does not support a builtin order "{order}".')
    place = _ORDERS[order] if order is not None else place
    by_id = {item.id: item for item in objects.values()}

    def cursor_place(name: str) -> Key | None:
        cursor = read_cursor(query.params.get(name))
        if cursor is None:
            return None
        if not cursor.isdecimal() or int(cursor) not in by_id:
            raise lost_cursor(cursor, query_class)
        if not by_id[int(cursor)].is_visible:
            raise core_failure(RESTRICTED)
        return place(by_id[int(cursor)])

    page = paginate(
        sorted(((place(item), item) for item in objects.values()), key=lambda pair: pair[0]),
        size=size,
        after=cursor_place("after"),
        before=cursor_place("before"),
        matches=lambda item: all(match(item) for match in matches),
        query_class=query_class,
    )
    return search_answer(query, page, size, attachments, maps=maps)


def _newest(item: StoredObject) -> Key:
    return (-item.id,)


_ORDERS: dict[str, Callable[[StoredObject], Key]] = {"newest": _newest, "oldest": lambda item: (item.id,)}


def _read_keys(name: str, value: Any, is_strict: bool) -> Match | None:
    """The constraints that every search method has."""
    if name == "ids":
        ids = values.read_ints(name, value, is_strict=is_strict)
        return lambda item: item.id in ids
    if name == "phids":
        phids = set(values.read_texts(name, value, is_strict=is_strict))
        return lambda item: item.phid in phids
    return None


def project_search(store: DocumentStore, query: Query) -> bytes:
    """Answer project.search: only active projects, and with a `queryKey` no milestones, unless asked."""
    query_key = query.params.get("queryKey")
    if query_key not in {None, "all", "active"}:
        raise ConduitFailure("ERR-BAD-QUERYKEY", 'Invalid query for parameter "queryKey".')
    attachments = read_attachments(query, {"members", "watchers", "ancestors"})
    matches: list[Match] = []
    slug_map: dict[str, Any] = {}
    status = "active"
    for name, value in query.constraints().items():
        match = _read_keys(name, value, query.is_strict)
        if match is None and name == "status":
            status = values.read_text(name, value, is_strict=query.is_strict)
            continue
        if match is None and name == "slugs":
            slugs = values.read_texts(name, value, is_strict=query.is_strict)
            found = {slug: phid for slug in slugs if (phid := store.project_phid(slug)) is not None}
            slug_map = {slug: {"slug": slug, "projectPHID": phid} for slug, phid in found.items()}
            match = _one_of(set(found.values()))
        if match is None and name in _PROJECT_MATCHES:
            match = _PROJECT_MATCHES[name](name, value, query.is_strict)
        if match is None:
            raise invalid_constraint()
        matches.append(match)
    if status != "all":
        matches.append(lambda project: project.fields["status"] == status)
    if query_key is not None:
        matches.append(lambda project: project.fields["milestone"] is None)
    with store.lock:
        return _answer(
            query,
            store.projects,
            matches,
            place=lambda project: (name_key(project.fields["name"]), -project.id),
            query_class="PhabricatorProjectQuery",
            attachments=attachments,
            maps=php_json({"slugMap": slug_map}),
        )


def _one_of(phids: set[str]) -> Match:
    return lambda item: item.phid in phids


def _flag_match(value_of: Callable[[StoredObject], bool]) -> Callable[[str, Any, bool], Match]:
    def make(name: str, value: Any, is_strict: bool) -> Match:
        wanted = values.read_bool(name, value, is_strict=is_strict)
        return lambda item: value_of(item) == wanted

    return make


def _set_match(values_of: Callable[[StoredObject], set[str]]) -> Callable[[str, Any, bool], Match]:
    def make(name: str, value: Any, is_strict: bool) -> Match:
        wanted = set(values.read_texts(name, value, is_strict=is_strict))
        return lambda item: not wanted.isdisjoint(values_of(item))

    return make


def _parent_of(project: StoredObject) -> set[str]:
    parent = project.fields["parent"]
    return {parent["phid"]} if parent else set()


def _ancestors_of(project: StoredObject) -> set[str]:
    return {ancestor["phid"] for ancestor in project.attachment("ancestors").get("ancestors", [])}


def _members_of(project: StoredObject) -> set[str]:
    return {member["phid"] for member in project.attachment("members").get("members", [])}


_PROJECT_MATCHES: dict[str, Callable[[str, Any, bool], Match]] = {
    "isMilestone": _flag_match(lambda project: project.fields["milestone"] is not None),
    "isRoot": _flag_match(lambda project: project.fields["depth"] == 0),
    "parents": _set_match(_parent_of),
    "ancestors": _set_match(_ancestors_of),
    "members": _set_match(_members_of),
    "subtypes": _set_match(lambda project: {project.fields["subtype"]}),
    "icons": _set_match(lambda project: {project.fields["icon"]["key"]}),
    "colors": _set_match(lambda project: {project.fields["color"]["key"]}),
}


def column_search(store: DocumentStore, query: Query) -> bytes:
    """Answer project.column.search: hidden columns too, newest first."""
    matches: list[Match] = []
    for name, value in query.constraints().items():
        match = _read_keys(name, value, query.is_strict)
        if match is None and name == "projects":
            wanted = set(values.read_texts(name, value, is_strict=query.is_strict))
            match = _board_match(wanted)
        if match is None:
            raise invalid_constraint()
        matches.append(match)
    with store.lock:
        return _answer(
            query,
            store.columns,
            matches,
            place=_newest,
            query_class="PhabricatorProjectColumnQuery",
            attachments=read_attachments(query, set()),
        )


def _board_match(wanted: set[str]) -> Match:
    return lambda column: column.fields["project"]["phid"] in wanted


def user_search(store: DocumentStore, query: Query) -> bytes:
    """Answer user.search: disabled users too, newest first."""
    attachments = read_attachments(query, {"availability"})
    matches: list[Match] = []
    for name, value in query.constraints().items():
        match = _read_keys(name, value, query.is_strict)
        if match is None and name in _USER_MATCHES:
            match = _USER_MATCHES[name](name, value, query.is_strict)
        if match is None:
            raise invalid_constraint()
        matches.append(match)
    with store.lock:
        if "availability" in attachments:
            for user in store.users.values():
                user.attachments.setdefault("availability", _AVAILABLE)
        return _answer(
            query,
            store.users,
            matches,
            place=_newest,
            query_class="PhabricatorPeopleQuery",
            attachments=attachments,
        )


_USER_MATCHES: dict[str, Callable[[str, Any, bool], Match]] = {
    "usernames": _set_match(lambda user: {user.fields["username"]}),
    "isDisabled": _flag_match(lambda user: "disabled" in user.fields["roles"]),
    "isBot": _flag_match(lambda user: "bot" in user.fields["roles"]),
    "isAdmin": _flag_match(lambda user: "admin" in user.fields["roles"]),
}
