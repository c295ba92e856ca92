"""The server: whether it answers, whose token this is, what it can do, and what time it thinks it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ddd.connecting import connected
from ddd.doctor.findings import Finding, failed, ok, problem, warning
from ddd.phab import Conduit, as_map
from ddd.phab.errors import AuthenticationError, ConduitError
from ddd.settings import Demo, Settings

_NEEDED = (
    "maniphest.search",
    "maniphest.status.search",
    "maniphest.priority.search",
    "project.search",
    "project.column.search",
    "user.search",
)
_HISTORY = "maniphest.gettasktransactions"
_RECORDS = "transaction.search"
_BY_MENTION = "maniphest.project.task.transactions"
_SAMPLE_SIZE = 100
_NAMELESS_SAMPLE_SIZE = 20
_SKEW_SECONDS = 60
_NEWER_TYPES = {"core:columns", "mergedinto", "unblock", "dependsOn", "dependedOnBy", "core:customfield"}
"""Types that transaction.search names since mid-2026 only; column moves are one of them."""


def server_findings(settings: Settings) -> Iterator[Finding]:
    """Look at the site's server; where it cannot be reached, that is the only finding."""
    # what the demo says does not depend on its size, and a small one is there at once
    with connected(settings, demo=Demo(seed=settings.demo.seed, tasks_count=50), attempts=2) as phab:
        subject = "connection"
        try:
            for finding in _look(phab, settings):
                yield finding
                subject = "abilities"
        except AuthenticationError as error:
            yield ok("server", "connection", f"{phab.url} answers")
            yield failed("server", "token", error)
        except ConduitError as error:
            yield failed("server", subject, error)
        except (KeyError, TypeError, ValueError) as error:
            yield problem(
                "server",
                subject,
                f"{phab.url} sent an answer of an unknown shape ({type(error).__name__}: {error})",
                "Check that CONDUIT_URL is a Phabricator or Phorge server, and say which version it is",
            )


def _look(phab: Conduit, settings: Settings) -> Iterator[Finding]:
    asked_at, started = datetime.now(UTC), time.monotonic()
    me = as_map(phab.call("user.whoami"))
    seconds = time.monotonic() - started
    yield ok("server", "connection", f"{phab.url} answers in {1000 * seconds:.0f} ms")
    yield _token(me)
    yield _clock(phab, asked_at, seconds, is_demo=settings.site.is_demo)
    yield _sight(phab, settings)
    methods = phab.methods()
    yield _abilities(methods)
    yield _history(phab, methods)


def _token(me: dict[str, Any]) -> Finding:
    roles = me.get("roles") or []
    kind = "a bot" if {"agent", "bot"} & set(roles) else "a person"
    text = f"belongs to {me.get('userName')} ({me.get('realName')}), {kind}"
    if "disabled" in roles:
        return problem("server", "token", f"{text}, whose account is disabled", "Use another account's token")
    if "admin" in roles:
        return warning(
            "server",
            "token",
            f"{text} who is an administrator: it sees more than the figures need",
            "Use the token of a bot account that may see what you want to measure, and no more",
        )
    return ok("server", "token", text)


def _clock(phab: Conduit, asked_at: datetime, seconds: float, *, is_demo: bool) -> Finding:
    if is_demo:
        return ok("server", "clock", "simulated: it stands at the end of the simulated history")
    if phab.server_time is None:
        return warning(
            "server", "clock", "the server does not say what time it is", "Check what stands in front"
        )
    skew_seconds = (phab.server_time - asked_at).total_seconds() - seconds / 2
    if abs(skew_seconds) <= _SKEW_SECONDS:
        return ok("server", "clock", f"differs from ours by {abs(skew_seconds):.0f} s")
    way = "ahead of" if skew_seconds > 0 else "behind"
    return warning(
        "server",
        "clock",
        f"{abs(skew_seconds):,.0f} s {way} ours; figures follow the server's clock",
        "Set this machine's clock (NTP), or tell the server's administrator",
    )


def _sight(phab: Conduit, settings: Settings) -> Finding:
    """How much this account sees, and how much of that would be published."""
    newest = phab.tasks(order="newest", attachments=()).value["data"]
    if not newest:
        return warning(
            "server", "tasks", "this account sees no task", "Use the token of an account that may see some"
        )
    allowed = [task for task in newest if task["fields"]["policy"]["view"] in settings.export_policies]
    text = f"the newest visible one is T{newest[0]['id']}; of the newest {len(newest)}"
    if not allowed:
        policies = sorted({str(task["fields"]["policy"]["view"]) for task in newest})
        return warning(
            "server",
            "tasks",
            f"{text} none may be published: their view policies are {', '.join(policies[:5])}",
            "Set DDD_EXPORT_POLICIES if they are meant to be published",
        )
    return ok("server", "tasks", f"{text}, {len(allowed)} have a view policy that may be published")


def _abilities(methods: frozenset[str]) -> Finding:
    missing = [name for name in _NEEDED if name not in methods]
    if missing:
        return problem(
            "server",
            "methods",
            f"{', '.join(missing)} missing, of {len(methods)} methods",
            "Upgrade the server, or let its administrator enable Maniphest and Projects",
        )
    also = f", and {_BY_MENTION}" if _BY_MENTION in methods else ""
    return ok("server", "methods", f"all that are needed, of {len(methods)}{also}")


def _history(phab: Conduit, methods: frozenset[str]) -> Finding:
    """Where the history of tasks comes from, and whether it is whole."""
    if _HISTORY in methods:
        also = f"; {_RECORDS} {_records_text(phab)}" if _RECORDS in methods else ""
        return ok("server", "history", f"{_HISTORY}, which has every change{also}")
    if _RECORDS not in methods:
        return problem(
            "server", "history", f"neither {_HISTORY} nor {_RECORDS} is there", "Upgrade the server"
        )
    carries = _carries_moves(phab)
    if carries is False:
        return problem(
            "server",
            "history",
            f"only {_RECORDS}, which does not tell column moves on this version",
            "Upgrade the server (Phorge from July 2026), or enable maniphest.gettasktransactions",
        )
    return ok("server", "history", f"{_RECORDS}, which {_records_text(phab)}")


def _records_text(phab: Conduit) -> str:
    carries = _carries_moves(phab)
    if carries is None:
        return "cannot be judged: nobody has moved a task on a board lately"
    return "tells column moves, too" if carries else "does not tell column moves on this version"


def _carries_moves(phab: Conduit) -> bool | None:
    """Whether `transaction.search` has the values of column moves; none where no move is at hand to tell.

    Older versions give them without a type; but other changes have none either, so that their type is
    looked up in the other source.
    """
    try:
        rows = phab.call(_RECORDS, {"objectType": "TASK", "limit": _SAMPLE_SIZE})["data"]
        if any(row["type"] in _NEWER_TYPES for row in rows):
            return True
        nameless = [row for row in rows if row["type"] is None][:_NAMELESS_SAMPLE_SIZE]
        if not nameless:
            return None
        tasks = phab.tasks(phids=[row["objectPHID"] for row in nameless], attachments=()).value["data"]
        histories = phab.histories(int(task["id"]) for task in tasks)
    except ConduitError:
        return None
    raw_types = {
        row["transactionPHID"]: row["transactionType"] for rows in histories.values() for row in rows
    }
    moves = {"core:columns", "column", "projectcolumn"}
    return False if any(raw_types.get(row["phid"]) in moves for row in nameless) else None
