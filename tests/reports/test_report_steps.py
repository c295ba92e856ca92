"""The wrapper's steps without Node: patch, time limits, checks of the pages, replacing the previous site."""

import fcntl
import hashlib
import json
import os
import re
import select
from pathlib import Path

import pytest

from ddd.errors import ReportError
from ddd.reports import build, process, site
from ddd.reports.build import REPORTS_DIR
from ddd.reports.patch import PACKAGE, VERSION, patch
from ddd.settings import DEMO_SITE, Settings

from .published import write_published

# In the shape of the published files, but our own words.
NODE_CLIENT = """import path, { x } from 'path';
function open() { connection = db.connect(); }
function register() {
    db.registerFileURL(file_name, url, protocol, false);
    connection.query(`CREATE VIEW AS (SELECT * FROM read_parquet('${file_name}'));`
    );
}
"""
BROWSER_CLIENT = """async function open() { connection = await db.connect(); }
async function register() {
    await db.registerFileURL(file_name, url, protocol, false);
    await connection.query(`CREATE VIEW AS (SELECT * FROM read_parquet('${file_name}'));`
    );
}
"""


def write_package(node_modules: Path, version: str = VERSION, browser: str = BROWSER_CLIENT) -> Path:
    package = node_modules / PACKAGE
    (package / "src" / "client-duckdb").mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": version}))
    (package / "src" / "client-duckdb" / "node.js").write_text(NODE_CLIENT)
    (package / "src" / "client-duckdb" / "browser.js").write_text(browser)
    return package


def texts(package: Path) -> dict[str, str]:
    return {str(path.relative_to(package)): path.read_text() for path in package.rglob("*") if path.is_file()}


def write_program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


class TestPatch:
    def test_it_takes_the_download_out_and_may_be_repeated(self, tmp_path: Path) -> None:
        package = write_package(tmp_path)
        assert patch(tmp_path)
        edited = texts(package)
        for name in ("src/client-duckdb/node.js", "src/client-duckdb/browser.js"):
            assert "read_parquet" not in edited[name]
            assert "autoinstall_known_extensions = false" in edited[name]
            assert edited[name].count("insertArrowFromIPCStream") == 1
        assert not patch(tmp_path)
        assert texts(package) == edited

    def test_another_version_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        package = write_package(tmp_path, version="3.0.2")
        before = texts(package)
        with pytest.raises(ReportError, match=r"version 3\.0\.2, the patch is for 3\.0\.1"):
            patch(tmp_path)
        assert texts(package) == before

    def test_when_one_file_is_not_as_published_none_is_written(self, tmp_path: Path) -> None:
        package = write_package(tmp_path, browser=BROWSER_CLIENT.replace("registerFileURL", "registerFile"))
        before = texts(package)
        with pytest.raises(ReportError, match=r"browser\.js is not as published"):
            patch(tmp_path)
        assert texts(package) == before

    def test_a_patch_cut_short_between_the_files_is_completed(self, tmp_path: Path) -> None:
        package = write_package(tmp_path)
        patch(tmp_path)
        (package / "src" / "client-duckdb" / "browser.js").write_text(BROWSER_CLIENT)
        assert patch(tmp_path)
        assert "read_parquet" not in texts(package)["src/client-duckdb/browser.js"]

    def test_no_package_is_said_in_words(self, tmp_path: Path) -> None:
        with pytest.raises(ReportError, match="is not in"):
            patch(tmp_path)


class TestNode:
    def test_no_node(self, tmp_path: Path) -> None:
        with pytest.raises(ReportError, match=r"Node\.js, which is not installed\. Install Node\.js 18"):
            process.check_node(str(tmp_path))

    def test_node_without_npm(self, tmp_path: Path) -> None:
        write_program(tmp_path / "node", "echo v20.1.0")
        with pytest.raises(ReportError, match="need npm, which is not installed"):
            process.check_node(str(tmp_path))

    @pytest.mark.parametrize(("said", "shown"), [("echo v16.20.2", r"16\.20\.2"), ("exit 1", "not running")])
    def test_too_old_or_broken(self, tmp_path: Path, said: str, shown: str) -> None:
        write_program(tmp_path / "node", said)
        write_program(tmp_path / "npm", "true")
        with pytest.raises(ReportError, match=f"need Node.js 18, this is {shown}"):
            process.check_node(str(tmp_path))

    def test_new_enough(self, tmp_path: Path) -> None:
        write_program(tmp_path / "node", "echo v18.0.0")
        write_program(tmp_path / "npm", "true")
        assert process.check_node(str(tmp_path)) == "18.0.0"


def has_ended(pid: int) -> bool:
    """Whether a killed process is gone; the kernel may take a moment."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 10)[0])
    finally:
        os.close(handle)


class TestProcess:
    def test_a_time_limit_kills_everything_that_was_started(self, tmp_path: Path) -> None:
        log = tmp_path / "logs" / "step.log"
        program = write_program(tmp_path / "hang", "sleep 300 & echo $!; sleep 300")
        with pytest.raises(ReportError, match="hang did not end within 1 seconds"):
            process.run([str(program)], folder=tmp_path, log=log, limit_seconds=1)
        assert has_ended(int(log.read_text()))

    def test_what_a_program_leaves_behind_is_ended_too(self, tmp_path: Path) -> None:
        log = tmp_path / "step.log"
        program = write_program(tmp_path / "leave", "sleep 300 & echo $!")
        process.run([str(program)], folder=tmp_path, log=log, limit_seconds=60)
        assert has_ended(int(log.read_text()))

    def test_a_failure_says_what_was_printed_last(self, tmp_path: Path) -> None:
        program = write_program(tmp_path / "fail", "printf 'first\\n\\033[31mit broke\\033[0m\\n'; exit 3")
        with pytest.raises(ReportError, match="fail failed with status 3: first / it broke"):
            process.run([str(program)], folder=tmp_path, log=tmp_path / "step.log", limit_seconds=60)

    def test_a_token_is_not_handed_on(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CONDUIT_TOKEN", "api-secret")
        log = tmp_path / "step.log"
        process.run(["env"], folder=tmp_path, log=log, limit_seconds=60, variables={"VITE_ABOUT": "{}"})
        said = log.read_text()
        assert "VITE_ABOUT={}" in said
        assert "PATH=" in said
        assert "api-secret" not in said


class TestPages:
    @pytest.mark.parametrize(
        "markup",
        [
            "<p>Binder Error: Referenced column &quot;nope&quot; not found</p>",
            "<p>took NaN days</p>",
            "<p>In October <b>undefined</b> tasks</p>",
            "<td>[object Object]</td>",
            '<div class="grid bg-negative/10"><div>Line Chart</div><pre>Dataset is empty</pre></div>',
        ],
    )
    def test_an_error_in_a_page_is_found(self, tmp_path: Path, markup: str) -> None:
        (tmp_path / "project").mkdir()
        (tmp_path / "project" / "index.html").write_text(f"<html><body>{markup}</body></html>")
        (found,) = site.rendered_errors(tmp_path)
        assert found.startswith("project/index.html: ")

    @pytest.mark.parametrize(
        "markup",
        [
            "<p>In the last four complete weeks 19 tasks were closed.</p>",
            "<script>if (x === undefined) throw Error('Binder Error: no')</script><p>Fine</p>",
            "<!-- undefined --><p>Fine</p>",
            "<p>Nanotechnology</p>",
        ],
    )
    def test_a_sound_page_passes(self, tmp_path: Path, markup: str) -> None:
        (tmp_path / "index.html").write_text(
            f"<html><head><title>NaN</title></head><body>{markup}</body></html>"
        )
        assert site.rendered_errors(tmp_path) == []

    def test_a_project_may_be_named_like_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "index.html").write_text("<td>O&#39;Brien&#39;s undefined project</td>")
        assert site.rendered_errors(tmp_path, {"O'Brien's undefined project"}) == []
        assert len(site.rendered_errors(tmp_path)) == 1

    def test_a_query_that_failed_is_found_in_the_log(self, tmp_path: Path) -> None:
        log = tmp_path / "build.log"
        log.write_text("fine\n\x1b[31mlast_weeks | Error in Query! Parser Error: near x\x1b[0m\n  ✔ done\n")
        assert site.failed_queries(log) == ["last_weeks: Parser Error: near x"]

    def test_addresses_get_the_folder_of_the_server(self, tmp_path: Path) -> None:
        (tmp_path / "index.html").write_text(f'<link href="{site.BASE_PATH}/_app/a.css">')
        (tmp_path / "icon.png").write_bytes(b"\x89PNG" + site.BASE_PATH.encode())
        (tmp_path / "folder.json").mkdir()
        site.set_base_path(tmp_path, "/reports")
        assert (tmp_path / "index.html").read_text() == '<link href="/reports/_app/a.css">'
        assert site.BASE_PATH.encode() in (tmp_path / "icon.png").read_bytes()

    def test_the_placeholder_is_the_one_of_the_configuration(self) -> None:
        assert f"basePath: {site.BASE_PATH}\n" in (REPORTS_DIR / "evidence.config.yaml").read_text()


def write_site(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(text)
    (folder / site.MARKER).write_text("{}")
    return folder


class TestReplace:
    def test_the_new_site_takes_the_place_of_the_old_one(self, tmp_path: Path) -> None:
        out = write_site(tmp_path / "public" / "report", "old")
        (out / "old.html").write_text("old")
        site.replace(write_site(tmp_path / "built", "new"), out)
        assert (out / "index.html").read_text() == "new"
        assert not (out / "old.html").exists()
        assert [path.name for path in out.parent.iterdir()] == ["report"]

    def test_when_it_cannot_be_copied_the_old_one_stays(self, tmp_path: Path) -> None:
        out = write_site(tmp_path / "report", "old")
        with pytest.raises(ReportError, match="could not be written"):
            site.replace(tmp_path / "there is none", out)
        assert (out / "index.html").read_text() == "old"
        assert [path.name for path in tmp_path.iterdir()] == ["report"]

    def test_a_folder_that_is_no_report_is_never_replaced(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir()
        (home / "letter.txt").write_text("mine")
        with pytest.raises(ReportError, match="is not a report"):
            site.replace(write_site(tmp_path / "built", "new"), home)
        assert (home / "letter.txt").read_text() == "mine"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An Evidence project whose `evidence` is a shell script."""
    folder = tmp_path / "reports"
    write_package(folder / "node_modules")
    (folder / "package-lock.json").write_text("{}")
    (folder / "node_modules" / ".installed-from").write_text(hashlib.sha256(b"{}").hexdigest())
    (folder / "sources" / "metrics").mkdir(parents=True)
    (folder / "sources" / "metrics" / "projects.sql").write_text("select project_path from projects")
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "www").mkdir()
    write_published(tmp_path / "www" / "metrics.db")
    return Settings(site=DEMO_SITE, www_dir=tmp_path / "www")


WORKING = (
    "mkdir -p build/data && cp -r .evidence/template/static/data build/ && "
    'printf "%s" "$VITE_ABOUT" > build/index.html'
)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_program(tmp_path / "bin" / "node", "echo v20.0.0")
    write_program(tmp_path / "bin" / "npm", "echo npm must not be needed; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")


@pytest.mark.usefixtures("node")
class TestBuild:
    def test_a_site_is_built_from_what_was_published(
        self, project: Path, settings: Settings, tmp_path: Path
    ) -> None:
        write_program(project / "node_modules" / ".bin" / "evidence", WORKING)
        (project / "build").mkdir()
        (project / "build" / "stale.html").write_text("of an earlier build")
        result = build(settings, tmp_path / "out", reports_dir=project)
        assert json.loads((tmp_path / "out" / "index.html").read_text())["is_demo"] is True
        assert result.rows_counts == {"metrics.projects": 3}
        assert not (tmp_path / "out" / "stale.html").exists()
        files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
        assert (result.files_count, result.site_bytes) == (
            len(files),
            sum(path.stat().st_size for path in files),
        )
        assert list(result.step_seconds) == ["install", "data", "build", "publish"]

    @pytest.mark.parametrize(
        ("evidence", "said"),
        [
            ("echo out of memory; exit 1", "out of memory"),
            (
                f"{WORKING}; echo '<p>NaN</p>' >> build/index.html",
                "Pages of the report have errors: index.html: NaN",
            ),
            (f"{WORKING}; echo 'words | Error in Query! Binder Error: no'", "words: Binder Error: no"),
            (f"{WORKING}; echo '{{}}' > build/data/manifest.json", "has no data"),
            ("true", "has no first page"),
        ],
    )
    def test_a_failed_build_leaves_the_previous_site(
        self, project: Path, settings: Settings, tmp_path: Path, evidence: str, said: str
    ) -> None:
        out = write_site(tmp_path / "out", "the previous site")
        write_program(project / "node_modules" / ".bin" / "evidence", evidence)
        with pytest.raises(ReportError, match=re.escape(said)):
            build(settings, out, reports_dir=project)
        assert (out / "index.html").read_text() == "the previous site"

    def test_two_builds_at_once_are_refused(self, project: Path, settings: Settings, tmp_path: Path) -> None:
        (project / ".evidence").mkdir()
        with (project / ".evidence" / "build.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(ReportError, match="Another process is building"):
                build(settings, tmp_path / "out", reports_dir=project)

    def test_packages_of_another_lock_file_are_installed_anew(
        self, project: Path, settings: Settings, tmp_path: Path
    ) -> None:
        (project / "package-lock.json").write_text('{"changed": true}')
        with pytest.raises(ReportError, match=r"npm ci .* failed with status 1: npm must not be needed"):
            build(settings, tmp_path / "out", reports_dir=project)

    @pytest.mark.parametrize("base_path", ["reports", "/reports/", "/a b", "/<script>"])
    def test_a_folder_that_is_none_is_refused(
        self, settings: Settings, tmp_path: Path, base_path: str
    ) -> None:
        with pytest.raises(ReportError, match="is not a folder of a web server"):
            build(settings, tmp_path / "out", base_path=base_path)


def test_without_node_the_previous_site_stays(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = write_site(tmp_path / "out", "the previous site")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReportError, match="Install Node"):
        build(settings, out)
    assert (out / "index.html").read_text() == "the previous site"


def test_the_lock_file_names_no_host() -> None:
    lock = (REPORTS_DIR / "package-lock.json").read_text()
    packages = json.loads(lock)["packages"]
    assert packages[f"node_modules/{PACKAGE}"]["version"] == VERSION
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert "registry" not in lock
    assert [name for name, package in packages.items() if name and not package.get("inBundle")] == [
        name for name, package in packages.items() if package.get("integrity")
    ]
