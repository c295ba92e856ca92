"""phid.query and phid.lookup: names and addresses of objects."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from ddd.demo.endpoint.answers import php_json
from ddd.demo.endpoint.documents import StoredObject
from ddd.demo.endpoint.search import Query
from ddd.demo.endpoint.store import DocumentStore

_TYPE_NAMES = {"TASK": "Maniphest Task", "PROJ": "Project", "USER": "User", "PCOL": "Project Column"}


def phid_query(store: DocumentStore, query: Query) -> bytes:
    """Answer phid.query; what is unknown or secret is just absent, and nothing at all is `[]`."""
    phids = query.params.get("phids") or []
    return _handles(store, {phid: store.objects.get(phid) for phid in phids})


def phid_lookup(store: DocumentStore, query: Query) -> bytes:
    """Answer phid.lookup for `T1`, `#slug` and `@user`."""
    found: dict[str, StoredObject | None] = {}
    for name in query.params.get("names") or []:
        if name.startswith("#"):
            found[name] = store.projects.get(store.project_phid(name) or "")
        elif name.startswith("@"):
            users = store.users.values()
            found[name] = next((user for user in users if user.fields["username"] == name[1:]), None)
        elif name[1:].isdecimal() and name[0] == "T":
            found[name] = store.tasks.get(int(name[1:]))
    return _handles(store, found)


def _handles(store: DocumentStore, found: dict[str, StoredObject | None]) -> bytes:
    closed = {status["value"] for status in map(msgspec.json.decode, store.statuses) if status["closed"]}
    handles = {
        name: _handle(store, item, closed)
        for name, item in found.items()
        if item is not None and item.is_visible
    }
    return php_json(handles or [])


def _handle(store: DocumentStore, item: StoredObject, closed: set[str]) -> dict[str, Any]:
    fields = item.fields
    is_closed = False
    if item.type == "TASK":
        path, name = f"/T{item.id}", f"T{item.id}"
        full_name = f"{name}: {fields['name']}"
        is_closed = fields["status"]["value"] in closed
    elif item.type == "PROJ":
        path = f"/tag/{fields['slug']}/" if fields["slug"] else f"/project/view/{item.id}/"
        name = full_name = fields["name"]
        is_closed = fields["status"] == "archived"
    elif item.type == "USER":
        path, name = f"/p/{quote(fields['username'])}/", fields["username"]
        full_name = f"{name} ({fields['realName']})"
    else:
        path, name = f"/project/board/{fields['project']['id']}/", fields["name"]
        full_name = name
    return {
        "phid": item.phid,
        "uri": store.base_uri + path,
        "typeName": _TYPE_NAMES[item.type],
        "type": item.type,
        "name": name,
        "fullName": full_name,
        "status": "closed" if is_closed else "open",
    }
