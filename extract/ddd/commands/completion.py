"""What shell completion offers; only from this program and local files, never from the server."""

from __future__ import annotations

METHODS = {
    "conduit.ping": "is the server there",
    "conduit.query": "methods of this server",
    "edge.search": "relations between objects",
    "maniphest.gettasktransactions": "all changes of some tasks",
    "maniphest.priority.search": "priorities",
    "maniphest.project.task.transactions": "changes of a project's tasks (Wikimedia)",
    "maniphest.querystatuses": "statuses, older form",
    "maniphest.search": "tasks",
    "maniphest.status.search": "statuses",
    "phid.lookup": "objects by T123, #hashtag, @user",
    "phid.query": "objects by PHID",
    "project.column.search": "workboard columns",
    "project.search": "projects, sub-projects and milestones",
    "transaction.search": "changes of an object",
    "user.search": "users",
    "user.whoami": "whose token this is",
}
"""Methods that reading a task tracker needs, with what they give."""

_OFFERED_COUNT = 200


def complete_method(incomplete: str) -> list[tuple[str, str]]:
    """Methods that begin with what was typed."""
    return [(name, gives) for name, gives in METHODS.items() if name.startswith(incomplete)]


def complete_project(incomplete: str) -> list[tuple[str, str]]:
    """Hashtags of published projects that begin with what was typed; PHIDs where that is one's start."""
    sign = "#" if incomplete.startswith("#") else ""  # a shell wants it quoted, and nobody needs it
    name = "project_phid" if incomplete.startswith("PHID-") else "slug"
    found = _published(f"select {name}, project_name from projects", name, incomplete.removeprefix("#"))
    return [(f"{sign}{name}", title) for name, title in found]


def complete_change(incomplete: str) -> list[tuple[str, str]]:
    """Declared changes whose key begins with what was typed."""
    return _published("select change_key, title from process_changes", "change_key", incomplete)


def complete_source(incomplete: str) -> list[tuple[str, str]]:
    """Sources that begin with what was typed."""
    gives = {
        "phabricator": "tasks and their history",
        "wikiversions": "which version of MediaWiki ran where",
        "gerrit": "patches of the train",
        "delivery": "deployments of anything else",
    }
    return [(name, meaning) for name, meaning in gives.items() if name.startswith(incomplete)]


def complete_table(incomplete: str) -> list[tuple[str, str]]:
    """Published tables that begin with what was typed."""
    return _published("select model_name, label from catalog_models", "model_name", incomplete)


def complete_version(incomplete: str) -> list[tuple[str, str]]:
    """Trains whose version begins with what was typed."""
    return _published(
        "select version, 'started ' || substr(started_at, 1, 10) from trains", "version", incomplete
    )


def _published(select: str, name: str, start: str) -> list[tuple[str, str]]:
    import sqlite3
    from contextlib import suppress

    from ddd.errors import DataError
    from ddd.settings import load_settings

    rows: list[tuple[object, object]] = []
    try:
        paths = sorted(load_settings().www_dir.glob("*.db"))
    except (DataError, OSError):
        return []  # somebody is in the middle of typing
    for path in paths:
        with suppress(sqlite3.Error):
            published = sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)
            try:
                rows += published.execute(
                    f"{select} where substr({name}, 1, ?) = ? order by 1 limit {_OFFERED_COUNT}",
                    [len(start), start],
                ).fetchall()
            finally:
                published.close()
    return [(str(one), str(meaning)) for one, meaning in rows[:_OFFERED_COUNT]]
