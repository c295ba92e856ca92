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


def complete_method(incomplete: str) -> list[tuple[str, str]]:
    """Methods that begin with what was typed."""
    return [(name, gives) for name, gives in METHODS.items() if name.startswith(incomplete)]


def complete_project(incomplete: str) -> list[tuple[str, str]]:
    """Hashtags and PHIDs of published projects that begin with what was typed."""
    import sqlite3

    from ddd.errors import DataError
    from ddd.settings import load_settings

    try:
        path = load_settings().metrics_path
        with sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True) as published:
            rows = published.execute(
                "select '#' || slug, project_name from projects where slug like ? || '%'"
                " union all select project_phid, project_name from projects where project_phid like ? || '%'"
                " limit 100",
                [incomplete.removeprefix("#"), incomplete or "#"],
            ).fetchall()
    except (DataError, sqlite3.Error, OSError):
        return []  # somebody is in the middle of typing
    return [(str(name), str(title)) for name, title in rows if str(name).startswith(incomplete)]
