"""The endpoint against the real server's recorded answers, request by request."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
import requests

from ddd.demo.endpoint.search_rows import search_row
from recorded import SHARED_DIR, Recording, recorded_store, recordings, require_shared

GROUPS = ("full-baseline", "ok", "error", "old-version")

UNSUPPORTED = {
    "differential.revision.search": "no tasks in it",
    "diffusion.repository.search": "no tasks in it",
    "feed.query": "not used: it names transactions without values",
    "maniphest.edit": "the endpoint is read-only; tests edit the store",
    "maniphest.info": "frozen method, not used",
    "maniphest.query": "frozen method, not used",
    "paste.search": "no tasks in it",
    "phriction.document.search": "no tasks in it",
    "project.query": "frozen method, not used",
}

_LATER = "asked after the baseline was walked, when the server's data had been edited"
_ADMIN = "asked by the administrator, who sees more and is subscribed"
_OWN_NAME = "names the machine or lists the server's own methods"
_HISTORIES = "histories of projects, columns and users are not kept"
_CLOCK = "the cursor is made of the wall-clock time at which the server wrote the edge"
_NO_TEXT_SEARCH = "a constraint that the endpoint refuses"
_FRONT = "the answer of the web server in front or of its virtual hosts"
NOT_COMPARABLE = {
    "ping": _OWN_NAME,
    "query": _OWN_NAME,
    "query_admin": _OWN_NAME,
    "old2025_query": _OWN_NAME,
    "whoami_admin": _ADMIN,
    "gtt_special_admin": _ADMIN,
    "gtt_w_noproj": _ADMIN,
    "task_oldest_100_admin_p001": _ADMIN,
    "task_oldest_100_admin_p002": _ADMIN,
    "task_oldest_100_admin_p006": _ADMIN,
    "task_w_secret_then_public": _ADMIN,
    "task_w_turns_secret": _ADMIN,
    "gtt_w_turns_secret": _ADMIN,
    "xact_w_turns_secret": _ADMIN,
    "xact_secret_admin": _ADMIN,
    "invisible_project_phidquery_admin": _ADMIN,
    "full/xact_proj_000": _HISTORIES,
    "xact_type_PROJ": _HISTORIES,
    "xact_type_USER": _HISTORIES,
    "xact_type_PCOL": _HISTORIES,
    "xact_obj_PROJ": _HISTORIES,
    "edge_search_paged_p000": _CLOCK,
    "edge_search_paged_p001": _CLOCK,
    "edge_search_paged_p002": _CLOCK,
    "task_subtaskIDs": _NO_TEXT_SEARCH,
    "task_query_text": _NO_TEXT_SEARCH,
    "task_group_project": _NO_TEXT_SEARCH,
    "err_invalid_utf8": _NO_TEXT_SEARCH,
    "err_huge_70m": _FRONT,
    "err_http_bad_host": _FRONT,
    "err_host_nodot": _FRONT,
    "err_wrong_token": "the recorded token was shortened when it was redacted, and its length counts",
    "task_ids_2000": "only the beginning of the request was kept",
    "err_huge_param_1m": "only the beginning of the request was kept",
    "err_huge_ids_60k": "only the beginning of the request was kept",
    "err_huge_ids_form_2000": "only the beginning of the request was kept",
    **dict.fromkeys(
        (
            "project_search_status_archived",
            "project_search_status_all",
            "project_search_status_active",
            "project_search_isMilestone_false",
            "project_search_ids_archived",
            "columns_core_proxy",
            "xact_tail_top",
            "xact_tail_empty",
            "xact_tail_new",
            "xact_tail_small",
            "task_in_milestone",
            "task_projects_any_phid",
            "task_closedStart",
            "invisible_project_task_bot",
            "invisible_project_xact_bot",
            "invisible_project_gtt_bot",
            "invisible_project_task_admin",
            "invisible_project_xact_admin",
            "invisible_project_gtt_admin",
            "gtt_empty_meta",
            "xact_empty_meta",
            "gtt_legacy_edge",
            "xact_legacy_edge",
            "milestone0_task",
            "milestone1_moved_to_proxy_task",
            "milestone1_xact",
            "milestone2_doing_task",
            "milestone2_xact",
            "old2025_xact_type_TASK_1000",
            "old2025_gtt",
            "old2025_task_p0",
            "err_params_per_key",
        ),
        _LATER,
    ),
}
"""Recordings that cannot be answered from the baseline's documents, and why."""

CONTENT_TYPES = {
    "err_json_body": "application/json",
    "err_ctype_multipart": "multipart/form-data; boundary=X",
    "err_ctype_text": "text/plain",
    "err_ctype_charset": "application/x-www-form-urlencoded; charset=utf-8",
    "err_no_ctype": None,
}
PAGES = {"err_cursor_list", "err_trailing_slash", "err_root_api", "err_path_404"}
"""Answers that are HTML pages: status, content type and title count."""

BEHIND_TOKEN = {"err_short_token", "err_wrong_prefix"}
OLD_COMMENT_KEYS = {"id", "phid"}


def _known() -> list[Recording]:
    if not (SHARED_DIR / "conduit" / "index.json").exists():
        return []
    return [found for group in GROUPS for found in recordings(SHARED_DIR, group)]


def _comparable() -> list[Recording]:
    return [
        found
        for found in _known()
        if found.name not in NOT_COMPARABLE
        and found.method not in UNSUPPORTED
        and not (found.group == "old-version" and found.method == "transaction.search")
    ]


def _body(recording: Recording) -> str:
    if recording.request_body:
        return recording.request_body
    if recording.encoding == "form":
        return urlencode(_flat({"api.token": "api-test", **recording.params}))
    return urlencode({"params": json.dumps({**recording.params, "__conduit__": {"token": "api-test"}})})


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """PHP's brackets: `a[b][0]=c`."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return [(name, str(value))]
    pairs = [(f"{name}[{key}]" if name else str(key), item) for key, item in value.items()]
    return [pair for key, item in pairs for pair in _flat(item, key)]


def _send(recording: Recording, url: str) -> requests.Response:
    body = _body(recording)
    address = url.removesuffix("/api/") + recording.path
    if recording.verb == "GET":
        return requests.get(f"{address}?{body}", timeout=30)
    content_type = CONTENT_TYPES.get(recording.name, "application/x-www-form-urlencoded")
    headers = {"Content-Type": content_type} if content_type else {}
    return requests.request(recording.verb, address, data=body.encode(), headers=headers, timeout=30)


def _normalised(envelope: dict[str, Any], recording: Recording) -> dict[str, Any]:
    """Take away what the server itself does not do alike from call to call."""
    result = envelope["result"]
    if isinstance(result, dict) and isinstance(result.get("data"), list):
        for row in result["data"]:
            for attachment in row.get("attachments", {}).values():
                for phids in ("subscriberPHIDs", "projectPHIDs"):
                    attachment.get(phids, []).sort()  # in the order in which the database felt like it
        if "cursor" in result and "params" not in _body(recording)[:6]:
            result["cursor"]["limit"] = str(result["cursor"]["limit"])  # a form's 1 came back as a number
        if recording.method == "edge.search":
            result["data"].sort(key=lambda edge: sorted(edge.items()))  # within one second
    return envelope


@pytest.mark.skipif(not _known(), reason=f"the recordings are not there: {SHARED_DIR / 'conduit'}")
@pytest.mark.parametrize(
    "recording", _comparable(), ids=lambda recording: f"{recording.group}-{recording.name}"
)
def test_answers_as_the_recorded_server_did(
    recording: Recording, recorded_url: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("guarded_url") if recording.name in BEHIND_TOKEN else recorded_url
    answer = _send(recording, url)
    assert answer.status_code == recording.status
    assert answer.headers["Content-Type"] == recording.content_type
    if recording.name in PAGES:
        title = recording.body.split(b"<title>")[1].split(b"</title>")[0]
        assert b"<title>" + title + b"</title>" in answer.content
        return
    if recording.verb == "HEAD":
        assert answer.content == recording.body
        return
    assert _normalised(answer.json(), recording) == _normalised(json.loads(recording.body), recording)


def test_most_recordings_are_compared_and_none_is_left_out_by_mistake() -> None:
    require_shared()
    names = {found.name for found in _known()}
    assert set(NOT_COMPARABLE) <= names
    assert {found.method for found in _known()} >= set(UNSUPPORTED)
    assert len(_comparable()) >= 360


def test_documents_are_answered_byte_for_byte(recorded_url: str) -> None:
    compared = 0
    for recording in recordings(require_shared(), "full-baseline"):
        if recording.name in NOT_COMPARABLE or recording.method == "edge.search":
            continue
        assert _send(recording, recorded_url).content == recording.body, recording.name
        compared += 1
    assert compared == 39


def test_rows_of_transaction_search_can_be_worked_out_from_histories() -> None:
    """Each row equals the recorded one, except for what only the database knows of comments."""
    recorded = recorded_store(require_shared())
    worked_out = recorded_store(require_shared(), with_search_rows=False)
    compared = 0
    for number, transaction in recorded.transactions.items():
        expected = msgspec.json.decode(search_row(recorded, transaction))
        found = msgspec.json.decode(search_row(worked_out, worked_out.transactions[number]))
        if len(expected["comments"]) > 1:
            continue  # edited or removed: the frozen method knows only what is left
        for row in (expected, found):
            for comment in row["comments"]:
                for key in OLD_COMMENT_KEYS:
                    del comment[key]
        assert found == expected
        compared += 1
    assert compared >= 11_490


def test_old_servers_leave_fields_out_as_recorded() -> None:
    """Servers before mid-2026 say nothing of column moves; the recorded one of 2025 is such a server."""
    store = recorded_store(require_shared())
    store.is_old_server = True
    compared = 0
    for recording in recordings(require_shared(), "old-version"):
        if recording.method != "transaction.search":
            continue
        for expected in json.loads(recording.body)["result"]["data"]:
            transaction = store.transactions.get(expected["id"])
            if transaction is None or transaction.phid != expected["phid"]:
                continue  # written after the baseline was walked
            found = msgspec.json.decode(search_row(store, transaction))
            assert (found["type"], found["fields"]) == (expected["type"], expected["fields"])
            compared += 1
    assert compared > 1_000
