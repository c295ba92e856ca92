"""What the servers answer: headers, who may do what, errors with a way back, definitions from the catalog."""

from __future__ import annotations

import html
import json
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ddd.errors import DataError
from ddd.serve import is_loopback, serve
from ddd.settings import DEMO_SITE, PROJECT_DIR, Settings
from www.running import served, served_plainly
from www.sample import HOSTILE, HOSTILE_PROJECT, MODELS, build_sample
from www.sample_trains import version_of

PAGES = [
    "/", "/-/ddd/", "/-/ddd/workflow", "/-/ddd/workflow.json", "/metrics", "/metrics/tasks",
    "/metrics/tasks/1", "/-/ddd/search?q=number", "/-/ddd/search.json?q=number",
    "/metrics/metric_throughput.csv", "/metrics/metric_throughput.json?_shape=array",
    "/metrics/workflow_throughput", "/metrics/workflow_throughput.json?_shape=array",
    "/-/metadata.json", "/-/patterns", "/static/ddd/ddd.css", "/static/vendor/vega.js", "/favicon.ico",
    "/-/ddd/nothing", "/nothing", "/metrics/nothing", "/-/ddd/nothing.json", "/static/nothing.js",
]  # fmt: skip
OPEN_SQL = [
    "/metrics?sql=select+1",
    "/metrics.json?sql=select+1",
    "/metrics.csv?sql=select+1",
    "/metrics/tasks?_where=1",
    "/metrics.db",
]


def _settings(folder: Path) -> Settings:
    return Settings(site=DEMO_SITE, www_dir=folder)


@pytest.fixture(params=["address", "public_address", "plain_address"])
def any_address(request: pytest.FixtureRequest) -> str:
    """Each way to serve in turn."""
    return str(request.getfixturevalue(request.param))


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_security_headers(any_address: str, path: str) -> None:
    answer = httpx.get(any_address + path)
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert (
        policy["default-src"]
        == policy["frame-ancestors"]
        == policy["base-uri"]
        == policy["object-src"]
        == "'none'"
    )
    assert policy["connect-src"] == policy["form-action"] == "'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers.get_list("content-security-policy") == [answer.headers["content-security-policy"]]


@pytest.mark.parametrize("path", [path for path in PAGES if "." not in path and "patterns" not in path])
def test_every_page_says_that_data_are_simulated_and_of_when(any_address: str, path: str) -> None:
    text = httpx.get(any_address + path, follow_redirects=True).text
    assert "Simulated data." in text
    assert "2026-11-18 09:30 UTC" in text
    assert 'href="/-/ddd/workflow"' in text


def test_real_data_are_not_called_simulated(tmp_path: Path) -> None:
    build_sample(tmp_path / "metrics.db", is_demo=False)
    with served(tmp_path) as running:
        for path in ("/", "/-/ddd/", "/metrics/tasks"):
            text = httpx.get(running + path).text
            assert "imulated" not in text
            assert "https://phabricator.example.org/" in text
        page = httpx.get(f"{running}/-/ddd/task/T1").text
    assert "https://phabricator.example.org/T1" in page


def test_workers_share_the_address_and_end_together(site_dir: Path) -> None:
    with served(site_dir, "--public", "--two") as running:
        # each has a connection of its own, so that both workers may get some
        answers = [httpx.get(f"{running}/-/ddd/workflow.json", timeout=30) for _ in range(6)]
        assert {answer.status_code for answer in answers} == {200}
        assert httpx.get(f"{running}/metrics.json?sql=select+1").status_code == 403
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running}/-/ddd/")


def test_rows_of_charts_are_those_of_the_json(any_address: str) -> None:
    for name in ("workflow_throughput", "workflow_boards", "workflow_closed_report"):
        query = f"{any_address}/metrics/{name}"
        chosen = {
            "project": HOSTILE_PROJECT,
            "date_start": "2026-01-01",
            "date_end": "2026-11-18",
            "sort": "",
        }
        answer = httpx.get(f"{query}.rows", params=chosen)
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        body = answer.json()
        expected = httpx.get(f"{query}.json", params=chosen | {"_shape": "array"}).json()
        assert expected
        assert [dict(zip(body["columns"], row, strict=True)) for row in body["rows"]] == expected
        assert ".rows" not in httpx.get(query, params=chosen).text
    refused = httpx.get(f"{any_address}/metrics/no_such_query.rows")
    assert refused.status_code == 404
    assert refused.json()["ok"] is False


@pytest.mark.parametrize("path", OPEN_SQL)
def test_open_sql_is_for_this_machine(
    address: str, public_address: str, plain_address: str, path: str
) -> None:
    assert httpx.get(address + path).status_code == 200
    assert httpx.get(plain_address + path).status_code == 200
    assert httpx.get(public_address + path).status_code == 403
    for local in (address, plain_address):
        for headers in ({"x-forwarded-for": "192.0.2.7"}, {"host": "attacker.example"}):
            assert httpx.get(local + path, headers=headers).status_code == 403


@pytest.mark.parametrize("path", ["/-/databases", "/-/databases.json", "/-/threads.json"])
def test_machine_pages_are_for_this_machine(address: str, public_address: str, path: str) -> None:
    assert httpx.get(address + path).status_code == 200
    answer = httpx.get(public_address + path)
    assert answer.status_code == 403
    assert "metrics.db" not in answer.text


def test_closing_open_sql_closes_nothing_else(public_address: str) -> None:
    page = httpx.get(f"{public_address}/metrics").text
    assert "<textarea" not in page
    assert "metrics.db" not in page
    for path in (
        "/-/ddd/",
        "/-/ddd/workflow",
        "/metrics/tasks",
        "/metrics/tasks?_search=number",
        "/metrics/workflow_boards",
    ):
        assert httpx.get(public_address + path).status_code == 200
    definition = httpx.get(f"{public_address}/-/ddd/workflow.json").json()
    for chart in definition["panels"]:
        assert isinstance(httpx.get(f"{public_address}{chart['url']}.json?_shape=array").json(), list)


@pytest.fixture(scope="module")
def public_trains(trains_dir: Path) -> Iterator[str]:
    """Both files, of tasks and of deployments, as anybody may see them."""
    with served(trains_dir, "--public") as running:
        yield running


@pytest.mark.parametrize("path", OPEN_SQL)
def test_open_sql_on_deployments_is_closed_as_well(public_trains: str, path: str) -> None:
    of_trains = path.replace("/metrics", "/train").replace("/tasks", "/trains")
    assert httpx.get(public_trains + of_trains).status_code == 403
    assert httpx.get(public_trains + path).status_code == 403


def test_the_pages_of_deployments_need_no_open_sql(public_trains: str) -> None:
    for path in ("/train", "/train/trains", "/train/patches?is_backport=1", "/train/patches.csv"):
        assert httpx.get(public_trains + path).status_code == 200
    train = httpx.get(f"{public_trains}/-/ddd/train?subject={version_of(54)}", follow_redirects=True)
    assert train.status_code == 200
    assert version_of(54) in train.text
    assert httpx.get(f"{public_trains}/-/ddd/deployments").status_code == 200
    for panel in httpx.get(f"{public_trains}/-/ddd/deployments.json").json()["panels"]:
        answer = httpx.get(f"{public_trains}{panel['url']}.json?_shape=array")
        assert isinstance(answer.json(), list), (panel, answer.text)


def test_all_ways_to_serve_show_the_same(address: str, public_address: str, plain_address: str) -> None:
    pages = [
        "/-/ddd/",
        "/-/ddd/workflow",
        "/-/ddd/search?q=number",
        "/metrics/tasks",
        "/metrics/metric_cycle_time",
    ]
    for path in pages:
        shown = {
            where: [
                line
                for line in httpx.get(where + path).text.replace(where, "").splitlines()
                if line.strip() and "?v=" not in line and " ms" not in line and "SQL" not in line
            ]
            for where in (address, public_address, plain_address)
        }
        assert shown[address] == shown[public_address] == shown[plain_address]
    settings = [httpx.get(f"{where}/-/settings.json").json() for where in (address, plain_address)]
    assert settings[0] == settings[1]
    assert settings[0]["suggest_facets"] is False


def test_files_are_opened_immutable(any_address: str, public_address: str) -> None:
    if any_address != public_address:
        (database,) = httpx.get(f"{any_address}/-/databases.json").json()
        assert database["is_mutable"] is False
        assert database["hash"]


@pytest.mark.parametrize(
    "path", ["/nothing", "/-/ddd/nothing", "/metrics/nothing", "/metrics/tasks/99999999"]
)
def test_unknown_page_leads_back(any_address: str, path: str) -> None:
    answer = httpx.get(any_address + path)
    assert answer.status_code == 404
    assert 'href="/-/ddd/"' in answer.text
    assert 'href="/metrics"' in answer.text
    assert "Traceback" not in answer.text


def test_home_address_without_slash(address: str) -> None:
    assert httpx.get(f"{address}/-/ddd").headers["location"] == "/-/ddd/"


@pytest.mark.parametrize(
    "evil", [HOSTILE, "'; drop table tasks; --", '"><script>alert(1)</script>', "%00", "a" * 5000]
)
def test_hostile_parameters_stay_text(any_address: str, evil: str) -> None:
    names = ["project", "period", "date_start", "date_end", "q"]
    for path in (
        "/-/ddd/workflow",
        "/metrics/workflow_throughput",
        "/metrics/workflow_projects",
        "/metrics/tasks",
    ):
        answer = httpx.get(any_address + path, params=dict.fromkeys(names, evil), follow_redirects=True)
        assert answer.status_code in {200, 400, 404}
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
    assert httpx.get(f"{any_address}/metrics/tasks.json?_shape=array&_size=1").status_code == 200


def test_hostile_names_are_shown_as_text(address: str) -> None:
    for path in (
        "/metrics/tasks",
        "/metrics/tasks/1",
        "/metrics/projects",
        "/metrics/workflow_projects",
        "/metrics/workflow_finished_tasks",
    ):
        text = httpx.get(address + path).text
        assert "<script>alert(1)" not in text
        assert str(html.escape("<script>alert(1)")) in text


def test_tables_carry_the_definitions_of_the_catalog(any_address: str) -> None:
    text = httpx.get(f"{any_address}/metrics/metric_lead_time").text
    assert "Days from <code>created_at</code> to <code>closed_at</code>" in text
    assert "What lead_time_p50_days is. Unit: days." in text
    database = httpx.get(f"{any_address}/metrics").text
    metrics = httpx.get(f"{any_address}/-/ddd/all-metrics").text
    for name, (_, label, question, _) in MODELS.items():
        assert name in database
        assert question in metrics
        assert label in metrics or not question


def test_titles_can_be_searched(any_address: str) -> None:
    found = httpx.get(f"{any_address}/metrics/tasks.json?_search=number&_shape=array").json()
    assert found
    assert all("number" in row["title"] for row in found)
    assert 'name="_search"' in httpx.get(f"{any_address}/metrics/tasks").text


def test_definition_names_axes_with_labels_of_the_catalog(address: str) -> None:
    definition = httpx.get(f"{address}/-/ddd/workflow.json").json()
    panels = {panel["name"]: panel for panel in definition["panels"]}
    assert [name for name, panel in panels.items() if panel["tab"] == "flow"] == [
        "throughput", "net_flow", "wip", "open_tasks", "cumulative_flow",
    ]  # fmt: skip
    assert definition["as_of_date"] == "2026-11-18"
    assert panels["cycle_time"]["columns"]["cycle_time_p85_days"] == "Cycle time p85 days"


def test_chart_without_its_model_is_left_out(tmp_path: Path) -> None:
    path = build_sample(tmp_path / "metrics.db")
    with sqlite3.connect(path) as file:
        file.execute("delete from catalog_columns where model_name = 'metric_lead_time'")
        file.execute("delete from catalog_models where model_name = 'metric_lead_time'")
        file.execute("drop table metric_lead_time")
    file.close()
    with served(tmp_path) as running:
        names = [chart["name"] for chart in httpx.get(f"{running}/-/ddd/workflow.json").json()["panels"]]
        assert "lead_time" not in names
        assert "throughput" in names
        assert httpx.get(f"{running}/metrics/workflow_lead_time").status_code == 404
        assert httpx.get(f"{running}/-/ddd/workflow").status_code == 200


def test_plain_command_with_nothing_published_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "www"
    shutil.copytree(PROJECT_DIR / "www", folder, ignore=shutil.ignore_patterns("*.db", "__pycache__"))
    with served_plainly(folder) as running:
        assert "make refresh" in httpx.get(f"{running}/-/ddd/").text
        assert httpx.get(f"{running}/-/ddd/workflow").status_code == 404


@pytest.mark.parametrize("content", [None, b"", b"not a database at all", "tables of another kind"])
def test_nothing_published_says_what_to_do(tmp_path: Path, content: bytes | str | None) -> None:
    path = tmp_path / "metrics.db"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        with sqlite3.connect(path) as file:
            file.execute("create table other (a)")
        file.close()
    with pytest.raises(DataError, match="make refresh") as caught:
        serve(_settings(tmp_path), port=0)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "data.example.org"])
def test_other_addresses_need_public(site_dir: Path, host: str) -> None:
    with pytest.raises(DataError, match="--public"):
        serve(_settings(site_dir), host=host, port=0)


def test_taken_port_is_named(site_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DataError, match=f"port {port}.*DATASETTE_PORT"):
            serve(_settings(site_dir), host="127.0.0.1", port=port)


def test_foreign_address_is_named(site_dir: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.invalid"):
        serve(_settings(site_dir), host="nowhere.invalid", port=0, public=True)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("", False),
        ("10.0.0.1", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_settings_file_is_what_datasette_reads() -> None:
    settings = json.loads((PROJECT_DIR / "www" / "settings.json").read_text())
    assert settings["suggest_facets"] is False
    assert 500 <= settings["sql_time_limit_ms"] <= 5000
