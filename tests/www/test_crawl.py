"""Every page and every link of both ways to serve, with parameters that try to break them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest

from ddd.settings import PROJECT_DIR
from www.crawling import Answer, Markup, Visitor, kind_of, read_markup, walk
from www.running import served

TASKS_SITE = "phabricator.example.org"
KNOWN_HOSTS = {TASKS_SITE, "gerrit.example.org", "wiki.example.org", "x.example", "datasette.io"}
"""Beside the server itself: the site the tasks come from, that of the patches, and the name in the footer."""

MARK = "zq7"
HOSTILE_VALUES = [
    f"\"'><{MARK} on{MARK}=alert(1)><script>alert('{MARK}')</script>",
    f"javascript:alert('{MARK}')",
    f"//{MARK}.example/\\{MARK}",
    f"' or 1=1; drop table tasks; -- {MARK}",
    f"{MARK}' union select sql, 1, 1 from sqlite_master --",
    f"{{{{ 7 * 7 }}}} ${{{MARK}}} {{% raw %}} 🙂 \u202e{MARK}",
    f"{MARK}\x00{MARK}\r\nSet-Cookie: {MARK}=1",
    f'"{MARK} AND (NEAR( * ^',
    "../../../../../../etc/passwd",
    "9" * 400,
    f"{MARK}{'ä' * 150}",
    "-1",
    "",
]
PARAMETERS = [
    "project", "period", "date_start", "date_end", "subtype", "priority", "pipeline", "environment",
    "subject", "tab", "sort", "q", "find", "tasks_count", "until", "severity", "finding", "version",
    "concerned", "measure", "at", "metric", "weeks", "subject_kind",
]  # fmt: skip
TABLE_PARAMETERS = [
    "_search", "_sort", "_sort_desc", "_facet", "_next", "_size", "_col", "_nocol", "_facet_array",
    "_shape", "_facet_size", "_labels", "_nl", "_ttl", "_search_project_name",
    "project_name__contains", "project_id__gt", "_json", "_where", "_through",
]  # fmt: skip
OUTSIDE = [
    "/static/../metadata.yaml", "/static/..%2fmetadata.yaml", "/static/%2e%2e/metadata.yaml",
    "/static/ddd/../../metrics.db", "/static/....//metadata.yaml", "/static//etc/passwd",
    "/static/%2fetc%2fpasswd", "/-/static/../app.py", "/-/static-plugins/ddd/x", "/metadata.yaml",
    "/-/ddd/../../../../etc/passwd", "/-/ddd/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/settings.json",
    "/-/ddd/task/..%2f..%2fmetrics.db", "/metrics/../metadata.yaml", "/..%2fmetadata.yaml",
    "/plugins/ddd_pages.py", "/metrics/sqlite_master", "/metrics/sqlite_temp_master",
    "/metrics/pragma_database_list", "/metrics/tasks_fts_data", "/metrics/tasks_fts", "/-/ddd/workflow/x",
    "/-/ddd/task/T99999999", "/-/ddd/train/0.0.0-wmf.0", "/-/ddd/_fragments", "/-/ddd/_fragments.json",
    "/-/ddd/WORKFLOW", "/-/ddd/task/%00", "/-/ddd/task/T1%0d%0aSet-Cookie:%20a=1", "/%00",
    "/metrics/tasks/%00", "/metrics/%F0%9F%99%82", f"/-/ddd/{'a' * 3000}", f"/-/ddd/task/T{'1' * 190}",
]  # fmt: skip


@dataclass
class Site:
    """A running server and all that was found on it by following links."""

    address: str
    is_public: bool
    folder: Path
    visits: list[tuple[Answer, Markup]]


@pytest.fixture(scope="module", params=[pytest.param("local", marks=pytest.mark.proof), "public"])
def site(request: pytest.FixtureRequest, trains_dir: Path) -> Iterator[Site]:
    """Tasks and deployments, as this machine sees them and as others do; every kind of page was visited."""
    is_public = request.param == "public"
    with served(trains_dir, *(["--public"] if is_public else [])) as address:
        yield Site(
            address,
            is_public,
            trains_dir,
            list(walk(Visitor(address), "/-/ddd/", "/", of_each_kind=1 + is_public)),
        )


def test_every_link_leads_somewhere(site: Site) -> None:
    broken = [f"{one.status} {one.path}" for one, _ in site.visits if one.status not in {200, 301, 302}]
    assert broken == []
    paths = {urlsplit(answer.path).path for answer, _ in site.visits}
    for page in (
        *("workflow", "deployments", "statistics", "all-metrics", "data-quality"),
        *("task/T", "train/", "impact", "impact/"),
    ):
        assert any(path.startswith(f"/-/ddd/{page}") for path in paths), page
    assert len(paths) > 150, "canned queries, tables and rows were reached as well"


def test_links_stay_here_or_lead_to_known_servers_and_pages_hold_no_code(site: Site) -> None:
    for answer, markup in site.visits:
        assert markup.odd == [], answer.path
        foreign = [link for _, _, link in markup.links if not _is_known(site.address, answer.path, link)]
        assert foreign == [], answer.path
        fetched = {link for tag, name, link in markup.links if name == "src" or tag == "link"}
        assert all(urlsplit(urljoin(site.address, link)).netloc in site.address for link in fetched)


def test_answers_are_protected_and_tell_nothing_of_the_machine(site: Site) -> None:
    for answer, _ in site.visits:
        _check_headers(answer)
        if site.is_public or not answer.path.startswith("/-/databases"):
            assert str(site.folder) not in answer.text, answer.path
            assert str(PROJECT_DIR) not in answer.text, answer.path


def test_hostile_parameters_do_nothing(site: Site) -> None:
    """Pages of ours with every value; in public also every canned query and table, with one of them."""
    visitor, tried, problems = Visitor(site.address), 0, []
    for number, (path, names) in enumerate(_targets(site.visits)):
        is_ours = path.startswith("/-/")
        chosen = HOSTILE_VALUES if is_ours else HOSTILE_VALUES[number % 5 :: 5] if site.is_public else []
        for value in chosen:
            answer = visitor.get(f"{path}?{urlencode(dict.fromkeys(names, value))}")
            tried += 1
            problems += _problems(site, answer, value)
    for name in TABLE_PARAMETERS:  # one by one: the first that is wrong hides the others
        for value in (HOSTILE_VALUES[0], HOSTILE_VALUES[5], HOSTILE_VALUES[7]):
            answer = visitor.get(f"/metrics/projects?{urlencode({name: value})}")
            problems += _problems(site, answer, value)
    assert problems == []
    assert tried > 100


def test_odd_forms_of_parameters_do_nothing(site: Site) -> None:
    """The same name twice, arrays, names that are hostile themselves, and what is no URL encoding."""
    visitor, problems = Visitor(site.address), []
    evil = HOSTILE_VALUES[0]
    queries = [
        "project=a&project=b&tab=time&tab=now&q=a&q=b",
        "project[]=a&project[0]=b&project.x=c&q[$ne]=1",
        urlencode({evil: evil, f"__proto__[{evil}]": evil}),
        "project=%ff%fe&period=%c0%80&q=%",
        "&&&===&;;",
        "project=" + "%22" * 6000,
    ]
    paths = ["/", "/-/ddd/", "/-/ddd/workflow", "/-/ddd/workflow.json", "/-/ddd/task", "/-/ddd/task/T1",
             "/metrics/projects", "/metrics/projects.json", "/metrics/workflow_projects"]  # fmt: skip
    for path in paths:
        for query in queries:
            problems += _problems(site, visitor.get(f"{path}?{query}"), evil)
    assert problems == []


def test_hostile_subjects_are_not_found(site: Site) -> None:
    """As part of the path, and as what is typed into the form that asks for a subject."""
    visitor = Visitor(site.address)
    for value in filter(None, HOSTILE_VALUES):
        for page in ("task", "train", "impact", "workflow", "nothing"):
            answer = visitor.get(f"/-/ddd/{page}/{quote(value, safe='')}")
            assert _problems(site, answer, value) == []
            if answer.status == 302:  # Datasette's own way to write odd signs
                answer = visitor.get(answer.headers["location"][0])
            assert answer.status in {404, 400}, answer.path
            assert _problems(site, answer, value) == []
            assert 'href="/-/ddd/"' in answer.text, "a way back"
            answer = visitor.get(f"/-/ddd/{page}?{urlencode({'subject': value})}")
            assert _problems(site, answer, value) == []


def test_nothing_is_shown_but_what_was_published(site: Site) -> None:
    visitor = Visitor(site.address)
    for path in OUTSIDE:
        answer = visitor.get(path)
        assert _problems(site, answer, MARK) == []
        if answer.status == 302:
            answer = visitor.get(answer.headers["location"][0])
        assert answer.status in {400, 403, 404}, path
        for secret in ("root:", "description: >-", "sql_time_limit_ms", "hookimpl", "SQLite format"):
            assert secret not in answer.text, path
        if answer.status == 404 and answer.is_page and "/static/" not in path:
            assert 'href="/-/ddd/"' in answer.text, "a way back"


def test_tables_are_those_of_the_catalog(site: Site) -> None:
    """Whatever table is reached was published on purpose, or tells of the file itself."""
    visitor = Visitor(site.address)
    for database in ("metrics", "train"):
        answer = json.loads(visitor.get(f"/{database}.json?_show_hidden=1").text)
        shown = {table["name"] for table in answer["tables"]}
        catalog = json.loads(visitor.get(f"/{database}/catalog_models.json?_shape=array&_size=max").text)
        published = {row["model_name"] for row in catalog}
        assert published <= shown
        assert shown - published <= {"about", "catalog_models", "catalog_columns", "catalog_statements"}


def _targets(visits: list[tuple[Answer, Markup]]) -> Iterator[tuple[str, list[str]]]:
    """Each kind of page once, with the names that it might listen to; tables and queries as JSON."""
    seen = set()
    for answer, markup in visits:
        path = urlsplit(answer.path).path
        is_page = answer.status == 200 and answer.is_page and "." not in path.rpartition("/")[2]
        if is_page and kind_of(path) not in seen:
            seen.add(kind_of(path))
            yield path, [*dict.fromkeys([*PARAMETERS, *markup.fields])]


def _problems(site: Site, answer: Answer, value: str) -> list[str]:
    """What a hostile value did; nothing if all is well."""
    problems = []
    where = f"{answer.status} {answer.path[:150]} with {value[:40]!r}: "
    if answer.status >= 500:
        problems.append(f"{where}the server broke")
    if "set-cookie" in answer.headers or MARK in " ".join(answer.headers):
        problems.append(f"{where}a header was made")
    if "Traceback" in answer.text:
        problems.append(f"{where}a traceback")
    if answer.is_page:
        markup = read_markup(answer)
        if markup.odd or any(MARK in name for name in markup.names):
            problems.append(f"{where}became markup: {markup.odd[:3]}")
        problems += [
            f"{where}became a link: {link}"
            for _, _, link in markup.links
            if not _is_known(site.address, answer.path, link)
        ]
    problems += [
        f"{where}leads to {link}"
        for link in answer.headers.get("location", [])
        if not _is_known(site.address, answer.path, link)
    ]
    try:
        _check_headers(answer)
    except AssertionError:
        problems.append(f"{where}has no protection")
    return problems


def _check_headers(answer: Answer) -> None:
    (policy,) = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self';" in policy, answer.path
    assert answer.headers["x-content-type-options"] == ["nosniff"], answer.path
    assert answer.headers["x-frame-options"] == ["DENY"], answer.path


def _is_known(address: str, path: str, link: str) -> bool:
    """Whether a link leads to this server, or to one that the installation knows."""
    found: Any = urlsplit(urljoin(address + path.partition("?")[0], link.strip().replace("\\", "/")))
    return found.scheme in {"http", "https"} and found.netloc in KNOWN_HOSTS | {urlsplit(address).netloc}
