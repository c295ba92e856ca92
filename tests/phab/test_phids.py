"""PHID references: what they are, who owns them, and how they get their names."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddd.phab import PHIDRef, PHObject, Project, ProjectColumn, Task, User, is_phid
from ddd.phab.registry import BATCH_SIZE, Registry

from .loopback import page, success

PROJECT = "PHID-PROJ-uier7rukzszoewbhj7ja"
USER = "PHID-USER-6cwb4fcoupjv73jo36xh"


class Directory:
    """Answers `phid.query` with the names it has, as a server does."""

    def __init__(self, **names: str) -> None:
        self.names = {phid.replace("_", "-"): name for phid, name in names.items()}
        self.asked: list[list[str]] = []

    def __call__(self, request):
        asked = request.params["phids"]
        self.asked.append(asked)
        handles = {phid: handle(phid, self.names[phid]) for phid in asked if phid in self.names}
        return success(handles or [])


def handle(phid: str, name: str) -> dict[str, str]:
    return {
        "phid": phid,
        "uri": f"https://phab.example/{name}",
        "typeName": "Something",
        "type": phid[5:9],
        "name": name,
        "fullName": f"{name} in full",
        "status": "open",
    }


@pytest.fixture
def directory():
    directory = Directory()
    directory.names = {PROJECT: "Release-Engineering-Team", USER: "alice"}
    return directory


def test_the_documented_session(serve, client, directory):
    phab = client(serve(directory))
    phid = PHIDRef(PROJECT)
    assert repr(phid.object) == f'Project(name="", phid="{PROJECT}")'
    found = PHObject.resolve_phids(phab)
    assert repr(found) == f'{{\'{PROJECT}\': Project(name="Release-Engineering-Team", phid="{PROJECT}")}}'
    assert repr(phid.object) == f'Project(name="Release-Engineering-Team", phid="{PROJECT}")'
    assert repr(phid) == f"PHIDRef('{PROJECT}', object='Release-Engineering-Team')"
    assert (str(phid), str(phid.object)) == (PROJECT, "Release-Engineering-Team")
    assert type(str(phid)) is str
    assert phid.object.url == "https://phab.example/Release-Engineering-Team"
    assert phid.object.status == "open"


@pytest.mark.parametrize(
    ("phid", "kind"),
    [
        (PROJECT, Project),
        (USER, User),
        ("PHID-PCOL-a7g4df7hf2x3whjlwfin", ProjectColumn),
        ("PHID-TASK-7dhnu37turs6ifimbpsl", Task),
        ("PHID-XYZW-7dhnu37turs6ifimbpsl", PHObject),
    ],
)
def test_the_type_gives_the_class(phid, kind):
    assert type(PHIDRef(phid).object) is kind
    assert PHIDRef(phid).object.type == phid[5:9]


@pytest.mark.parametrize("text", ["", "T1", "PHID-PROJ", "PHID-proj-abc", "phid-PROJ-abc", "PHID-PROJ-a b"])
def test_other_texts_are_no_phids(text):
    assert not is_phid(text)
    with pytest.raises(ValueError, match="is not a PHID"):
        PHIDRef(text)


def test_a_reference_is_a_text_everywhere():
    ref = PHIDRef(PROJECT)
    assert {ref: 1}[PROJECT] == {PROJECT: 1}[ref] == 1
    assert json.loads(json.dumps({ref: [ref]})) == {PROJECT: [PROJECT]}
    assert duckdb.execute("select ?, typeof(?)", [ref, ref]).fetchone() == (PROJECT, "VARCHAR")
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute("select ?, typeof(?)", [ref, ref]).fetchone() == (PROJECT, "text")


def test_a_reference_survives_copying_and_pickling():
    ref = PHIDRef(PROJECT)
    assert copy.deepcopy([ref])[0] is ref
    back = pickle.loads(pickle.dumps(ref))
    assert type(back) is PHIDRef
    assert back == ref


def test_many_references_take_one_request(serve, client, directory):
    phab = client(serve(directory))
    refs = [phab.ref(PROJECT), phab.ref(PROJECT), PHIDRef(PROJECT), PHIDRef(USER)]
    PHObject.resolve_phids(phab)
    assert directory.asked == [[PROJECT, USER]]
    assert [ref.object.name for ref in refs] == ["Release-Engineering-Team"] * 3 + ["alice"]
    assert PHObject.resolve_phids(phab) == {}
    assert len(directory.asked) == 1


def test_batches_have_a_sane_size(serve, client, directory):
    phab = client(serve(directory))
    refs = [phab.ref(f"PHID-TASK-{number:020d}") for number in range(BATCH_SIZE + 1)]
    PHObject.resolve_phids(phab)
    assert [len(batch) for batch in directory.asked] == [BATCH_SIZE, 1]
    assert all(ref.object.is_missing for ref in refs)


def test_missing_phids_are_not_asked_for_again(serve, client, directory):
    phab = client(serve(directory))
    ref, by_hand = phab.ref("PHID-TASK-hiddenhiddenhidden12"), PHIDRef("PHID-TASK-unknownunknown1234")
    PHObject.resolve_phids(phab)
    PHObject.resolve_phids(phab)
    assert directory.asked == [sorted([ref, by_hand])]
    assert (ref.object.name, str(ref.object), ref.object.is_missing) == ("", str(ref), True)
    del ref
    gc.collect()
    again = phab.ref("PHID-TASK-hiddenhiddenhidden12")
    PHObject.resolve_phids(phab)
    assert again.object.is_missing
    assert len(directory.asked) == 1


def test_a_name_that_is_gone_is_forgotten(serve, client, directory, tmp_path):
    from ddd.phab import DataCache

    phab = client(serve(directory))
    ref = phab.ref(USER)
    with DataCache(tmp_path / "names.db", max_age_days=0, missing_max_age_days=0) as cache:
        PHObject.resolve_phids(phab, cache)
        assert ref.object.name == "alice"
        directory.names[USER] = "alice-renamed"
        PHObject.resolve_phids(phab, cache)
        assert ref.object.name == "alice-renamed"
        del directory.names[USER]
        PHObject.resolve_phids(phab, cache)
        assert (ref.object.name, ref.object.is_missing) == ("", True)


def test_two_clients_do_not_mix(serve, client):
    one, other = Directory(), Directory()
    one.names, other.names = {PROJECT: "Ours", USER: "alice"}, {PROJECT: "Theirs"}
    here, there = client(serve(one)), client(serve(other))
    ours, theirs = here.ref(PROJECT), there.ref(PROJECT)
    PHObject.resolve_phids(here)
    assert (ours.object.name, theirs.object.name) == ("Ours", "")
    PHObject.resolve_phids(there)
    assert (ours.object.name, theirs.object.name) == ("Ours", "Theirs")
    # each server is asked for its own only
    assert (one.asked, other.asked) == ([[PROJECT]], [[PROJECT]])


def test_a_reference_by_hand_belongs_to_the_server_that_knows_it(serve, client):
    one, other = Directory(), Directory()
    other.names = {PROJECT: "Theirs"}
    here, there = client(serve(one)), client(serve(other))
    ref = PHIDRef(PROJECT)
    assert PHObject.resolve_phids(here) == {}
    assert ref.object.name == ""
    PHObject.resolve_phids(there)
    assert ref.object.name == "Theirs"
    # and then it is no longer offered to anybody
    PHObject.resolve_phids(client(serve(one)))
    assert len(one.asked) == 1


def test_a_reference_by_hand_joins_what_the_client_knows_already(serve, client, directory):
    phab = client(serve(directory))
    bound, by_hand = phab.ref(PROJECT), PHIDRef(PROJECT)
    held = by_hand.object
    PHObject.resolve_phids(phab)
    assert held.name == bound.object.name == "Release-Engineering-Team"
    phab.registry.bind({"id": 1, "type": "PROJ", "phid": PROJECT, "fields": {"name": "Renamed"}})
    assert held.name == by_hand.object.name == bound.object.name == "Renamed"
    assert held == bound.object


def test_a_reference_by_hand_to_what_was_resolved_before_needs_no_request(serve, client, directory):
    phab = client(serve(directory))
    bound = phab.ref(PROJECT)
    PHObject.resolve_phids(phab)
    by_hand = PHIDRef(PROJECT)
    assert PHObject.resolve_phids(phab) == {PROJECT: bound.object}
    assert by_hand.object.name == "Release-Engineering-Team"
    assert PHObject.resolve_phids(phab) == {}
    assert len(directory.asked) == 1


def test_references_of_another_thread_are_left_alone(serve, client, directory):
    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(PHIDRef, PROJECT).result()
        assert PHObject.resolve_phids(client(serve(directory))) == {}
        assert theirs.object.name == ""
    assert directory.asked == []


def test_forgotten_references_are_not_asked_for(serve, client, directory):
    phab = client(serve(directory))
    PHIDRef(PROJECT)
    phab.ref(USER)
    gc.collect()
    assert PHObject.resolve_phids(phab) == {}
    assert directory.asked == []


def test_rows_name_their_objects_and_only_the_rest_is_a_placeholder(serve, client):
    task = {
        "id": 7,
        "type": "TASK",
        "phid": "PHID-TASK-7dhnu37turs6ifimbpsl",
        "fields": {"name": "A title", "authorPHID": USER, "ownerPHID": None},
    }
    (row,) = client(serve(page([task]))).request("maniphest.search")
    assert repr(row["phid"]) == "PHIDRef('PHID-TASK-7dhnu37turs6ifimbpsl', object='T7')"
    assert row["phid"].object.fields["name"] == "A title"
    assert row["phid"].object.data is row
    assert repr(row["fields"]["authorPHID"]) == f"PHIDRef('{USER}')"


def test_transactions_have_no_names_to_ask_for(serve, client, directory):
    phab = client(serve(directory))
    ref = phab.ref("PHID-XACT-TASK-nizxxfh7tgudswv")
    assert PHObject.resolve_phids(phab) == {}
    assert (directory.asked, type(ref.object).__name__) == ([], "Transaction")


def test_threads_share_one_registry(serve, client, directory):
    phab = client(serve(directory))
    with ThreadPoolExecutor(4) as pool:
        refs = list(pool.map(lambda _number: phab.ref(PROJECT), range(200)))
    PHObject.resolve_phids(phab)
    assert {ref.object.name for ref in refs} == {"Release-Engineering-Team"}


_LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=4, max_size=4)
_PHIDS = st.builds("PHID-{}-{}".format, _LETTERS, st.text("abcdefghij234567", min_size=20, max_size=20))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | _PHIDS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | _PHIDS, inner),
    max_leaves=30,
)


@given(_JSON)
def test_binding_changes_nothing_but_the_class_of_phids(value):
    bound = Registry().bind(value)
    assert json.dumps(bound) == json.dumps(value)
    assert _all_bound(bound)


def _all_bound(value):
    if isinstance(value, str):
        return isinstance(value, PHIDRef) == is_phid(value)
    if isinstance(value, dict):
        return all(_all_bound(key) and _all_bound(one) for key, one in value.items())
    return all(_all_bound(one) for one in value) if isinstance(value, list) else True
