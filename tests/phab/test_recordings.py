"""Every recorded failure gives the right error, every recorded success its rows."""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections import Counter
from dataclasses import replace

import pytest

from ddd.phab import (
    AuthenticationError,
    BadRequestError,
    ConduitError,
    CursorLostError,
    NotConduitError,
    NotFoundError,
    PermissionDeniedError,
    PHIDRef,
    PHObject,
    RateLimitedError,
    ServerTroubleError,
    UnknownMethodError,
    as_map,
)
from ddd.phab.retries import is_read

from .loopback import TOKEN, Answer, failure
from .recordings import named, needs_recordings, of_groups

pytestmark = needs_recordings

# what each recorded failure means, read off its body by hand
EXPECTED = {
    AuthenticationError: """err_no_token err_no_token_form err_wrong_token err_short_token err_wrong_prefix
        err_empty_token err_token_in_header err_verb_PUT err_params_and_token_form""",
    PermissionDeniedError: "xact_secret_bot err_cursor_invisible err_edit_noperm xact_cursor_invisible",
    CursorLostError: "err_cursor_missing_id err_xact_cursor_gone xact_tail_hidden_cursor",
    NotFoundError: "xact_missing edge_search_secret info_missing err_bad_querykey err_bad_querykey12",
    UnknownMethodError: """err_unknown_method err_unknown_method_noauth err_method_case old2025_unknown""",
    NotConduitError: "err_trailing_slash err_root_api err_path_404 err_http_bad_host err_host_nodot",
    RateLimitedError: "trouble_rate_limit_429",
    ServerTroubleError: """trouble_readonly_write trouble_db_down trouble_php_down trouble_maintenance_503
        trouble_nginx_limit_req trouble_timeout_504 trouble_memory_500 trouble_php_worker_killed
        err_verb_HEAD""",
    BadRequestError: """task_attachment_unknown gtt_Tids gtt_noids xact_type_TASK_order xact_type_bad
        xact_none xact_both xact_constraint_date edge_search_badtype err_bad_constraint
        err_bad_constraint_list err_constraint_string err_unknown_param err_unknown_order err_order_vec_bad
        err_order_vec_partial err_garbage_cursor err_cursor_negative err_cursor_list err_limit_101
        err_limit_0 err_limit_neg
        err_limit_str_bad err_limit_str_bad_form err_xact_garbage_cursor err_column_limit_101
        err_edge_garbage_cursor err_ids_bool err_ids_strings_params err_ids_scalar err_ids_map
        err_bad_priority err_bad_date err_json_body err_ctype_multipart err_params_invalid_json
        err_params_per_key_bad err_invalid_utf8 err_huge_param_1m err_huge_70m err_gtt_string err_gtt_nested
        err_gtt_neg err_edit_badtype old2025_bad_cursor""",
}
KINDS = {name: kind for kind, names in EXPECTED.items() for name in names.split()}
NOT_TRANSIENT_TROUBLE = {"trouble_memory_500"}
TOO_MUCH = {"trouble_memory_500", "trouble_timeout_504", "err_huge_70m"}
# trials of parameters, filed with the successes, that the server did not like
REFUSED_AMONG_OK = [
    "task_modifiedStart_str",
    "task_modifiedStart_strnum",
    "task_modifiedStart_float",
    "task_modifiedStart_zero",
    "task_ids_empty",
    "task_custom_constraint",
    "gtt_empty",
    "project_search_status_list",
    "xact_tail_small",
    "task_projects_exact",
]
FAILING_GROUPS = ("error", "server-trouble", "old-version", "http")


def _name(value):
    return getattr(value, "name", None)


def test_the_table_names_real_recordings():
    assert set(KINDS) <= {one.name for one in of_groups(*FAILING_GROUPS)}


def test_every_recording_is_a_case():
    counts = Counter(one.group for one in of_groups(*FAILING_GROUPS, "ok", "full-baseline"))
    assert counts == {
        "error": 101,
        "server-trouble": 10,
        "old-version": 14,
        "http": 6,
        "ok": 298,
        "full-baseline": 47,
    }


def _echoing(answer: Answer) -> Answer:
    """The answer with the token in it that this client sends, as the server echoed the one it was sent."""
    return replace(answer, body=re.sub(rb"api-(REDACTED|short)", TOKEN.encode(), answer.body))


@pytest.mark.parametrize("recording", of_groups(*FAILING_GROUPS), ids=_name)
def test_a_recorded_answer_gives_its_result_or_the_right_error(serve, client, waits, caplog, recording):
    caplog.set_level(logging.DEBUG)
    server = serve(_echoing(recording.answer))
    phab = client(server)
    if recording.name not in KINDS:
        envelope = recording.envelope
        assert envelope["error_code"] is None
        assert phab.call(recording.method) == envelope["result"]
        return
    with pytest.raises(ConduitError) as caught:
        phab.call(recording.method if "." in recording.method else "conduit.ping")
    error = caught.value
    assert type(error) is KINDS[recording.name]
    is_trouble = isinstance(error, ServerTroubleError | RateLimitedError)
    assert error.is_transient == (is_trouble and recording.name not in NOT_TRANSIENT_TROUBLE)
    assert error.is_too_much == (recording.name in TOO_MUCH)
    attempts = 1 if not error.is_transient or recording.method.endswith(".edit") else 5
    assert len(server.seen) == (2 if error.is_too_much and error.is_transient else attempts)
    if recording.answer.content_type == "application/json" and recording.answer.body:
        assert error.code == recording.envelope["error_code"]
    shown = [str(error), repr(error), error.info, repr(vars(error)), repr(phab), caplog.text]
    text = "".join([*shown, *traceback.format_exception(error)])
    assert TOKEN not in text
    assert TOKEN[4:] not in text
    assert error.remedy
    assert "\n" not in str(error)


def test_every_recorded_success_is_read_and_bound_without_a_change(serve, client):
    answers, refused = {}, []
    phab = client(serve(lambda request: answers[request.method]))
    for recording in of_groups("ok"):
        answers[recording.method] = recording.answer
        code = recording.envelope["error_code"]
        if code is not None:
            refused.append(recording.name)
            with pytest.raises(ConduitError) as caught:
                phab.call(recording.method)
            assert caught.value.code == code
            continue
        assert phab.call(recording.method) == recording.envelope["result"], recording.name
        if is_read(recording.method):
            result = phab.request(recording.method)
            assert _without_empties(result.value) == _without_empties(recording.envelope["result"])
    assert refused == REFUSED_AMONG_OK


def _without_empties(value):
    """With every empty list and map left out: which of them PHP sends is an accident."""
    if isinstance(value, dict):
        return {key: _without_empties(one) for key, one in value.items() if one not in ([], {})}
    return [_without_empties(one) for one in value] if isinstance(value, list) else value


def test_no_method_of_a_whole_server_that_changes_something_counts_as_a_read():
    methods = set(named("query").envelope["result"])
    assert len(methods) == 174
    doing = re.compile(
        r"\.(edit|create|update|close|set|send|give$|delete|disable|enable|upload|allocate|logout|connect|looksoon)"
    )
    assert {method for method in methods if doing.search(method) and is_read(method)} == set()
    assert {
        method for method in methods if method.endswith(("search", "query")) and not is_read(method)
    } == set()


def test_overheating_has_its_own_error(serve, client):
    # the words of a real server, which no recording holds
    info = (
        'Query (of class "ManiphestTaskQuery") overheated: examined more than 110 raw rows '
        "without finding 11 visible objects."
    )
    with pytest.raises(ConduitError, match="explicit ids") as caught:
        client(serve(failure("ERR-CONDUIT-CORE", info))).call("maniphest.search")
    assert type(caught.value).__name__ == "OverheatedError"


@pytest.fixture
def installation(serve):
    """Answers the recorded requests of one complete walk, and refuses every other."""
    answers = {
        (one.method, json.dumps(one.params or {}, sort_keys=True)): one.answer
        for one in of_groups("full-baseline")
    }

    def replay(request):
        key = (request.method, json.dumps(request.params, sort_keys=True))
        return answers.get(key) or failure("ERR-NOT-RECORDED", str(key))

    return serve(replay)


def test_a_whole_installation_is_read_through_the_searches(installation, client):
    phab = client(installation)
    tasks = phab.tasks()
    assert (len(tasks), tasks.pages_count) == (666, 7)
    assert [task["id"] for task in tasks] == sorted(task["id"] for task in tasks)
    projects = phab.projects(attachments=("ancestors", "members", "watchers"))
    assert (len(projects), len(phab.columns()), len(phab.users())) == (25, 79, 12)
    changes = phab.transactions(object_type="TASK")
    assert len(changes) == 11_498
    rows = 0
    for recording in of_groups("full-baseline"):
        if recording.method == "maniphest.gettasktransactions":
            histories = phab.histories(recording.params["ids"])
            assert set(histories) == {int(key) for key in recording.envelope["result"]}
            rows += sum(map(len, histories.values()))
    assert rows == 11_498


def test_every_phid_of_an_installation_has_the_right_object(installation, client):
    phab = client(installation)
    tasks = phab.tasks().fetch_all()
    kinds = Counter(type(ref.object).__name__ for task in tasks for ref in _references(task))
    assert set(kinds) >= {"Task", "User", "Project", "ProjectColumn"}
    text = json.dumps([dict(task) for task in tasks])
    plain = json.dumps([row for one in of_groups("full-baseline") for row in _task_rows(one)])
    assert text.replace('"boards": {}', '"boards": []') == plain, "references are the texts they stand for"


def test_names_out_of_rows_are_those_of_phid_query(serve, client):
    recording = named("phid_query")
    handles = as_map(recording.envelope["result"])
    rows = {row["phid"]: row for one in of_groups("full-baseline") for row in _rows(one) if "phid" in row}
    assert set(handles) <= set(rows)
    phab = client(serve(lambda request: failure("ERR-NOT-RECORDED", request.method)))
    for phid, handle in handles.items():
        phab.registry.bind(rows[phid])
        assert phab.ref(phid).object.name == handle["name"]


def test_phid_query_names_what_it_may(serve, client):
    recording = named("phid_query")
    server = serve(recording.answer)
    phab = client(server)
    refs = [phab.ref(phid) for phid in recording.params["phids"]]
    found = PHObject.resolve_phids(phab)
    assert {phid: one.name for phid, one in found.items()} == {
        phid: handle["name"] for phid, handle in recording.envelope["result"].items()
    }
    assert server.seen[0].params == {"phids": sorted(recording.params["phids"])}
    assert [ref.object.is_missing for ref in refs] == [False] * 4 + [True] * 2
    assert refs[0].object.full_name == "MediaWiki-Core"
    assert refs[1].object.full_name.startswith("T1: ")
    assert refs[0].object.url.endswith("/tag/mediawiki-core/")


def test_an_empty_map_is_a_map(serve, client):
    assert named("phid_query_bad").envelope["result"] == []
    phab = client(serve(named("phid_query_bad").answer))
    ref = phab.ref("PHID-TASK-nosuchnosuchnosuch1")
    assert PHObject.resolve_phids(phab) == {}
    assert ref.object.is_missing
    assert phab.histories([1, 2, 3]) == {}


def _rows(recording):
    result = recording.envelope["result"]
    return result.get("data", []) if isinstance(result, dict) else []


def _task_rows(recording):
    return _rows(recording) if recording.method == "maniphest.search" else []


def _references(value):
    if isinstance(value, PHIDRef):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _references(key)
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)
