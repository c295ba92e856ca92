"""The wrapper's steps without Node: patch, time limits, checks of the pages, replacing the previous site."""

import gzip
import os
import re
import select
import shutil
import subprocess
from pathlib import Path

import pytest

from ddd.errors import ReportError
from ddd.reports import process, site
from ddd.reports.build import REPORTS_DIR
from ddd.reports.patch import VERSIONS, patch

from .stand_ins import BROWSER_CLIENT, ENGINE, FRAME, write_packages, write_program, write_site


def texts(package: Path) -> dict[str, str]:
    return {str(path.relative_to(package)): path.read_text() for path in package.rglob("*") if path.is_file()}


class TestPatch:
    def test_it_takes_the_download_out_and_may_be_repeated(self, tmp_path: Path) -> None:
        write_packages(tmp_path)
        assert patch(tmp_path)
        edited = texts(tmp_path)
        for name in ("node.js", "browser.js"):
            text = edited[f"{ENGINE}/src/client-duckdb/{name}"]
            assert "read_parquet" not in text
            assert "autoinstall_known_extensions = false" in text
            assert text.count("insertArrowFromIPCStream") == 1
        assert "= profile(loadDB);" not in edited[f"{FRAME}/template/src/pages/+layout.js"]
        assert not patch(tmp_path)
        assert texts(tmp_path) == edited

    @pytest.mark.skipif(not shutil.which("node"), reason="Node.js is not installed")
    def test_the_engine_starts_with_the_first_query_and_once(self, tmp_path: Path) -> None:
        write_packages(tmp_path)
        patch(tmp_path)
        layout = (tmp_path / FRAME / "template/src/pages/+layout.js").read_text()
        script = tmp_path / "script.mjs"
        script.write_text(
            "let starts = 0; const profile = async (load) => { starts++; await load(); };\n"
            + layout
            + "const before = starts; await load(); await load(); console.log(before, starts);"
        )
        said = subprocess.run(["node", str(script)], capture_output=True, text=True, check=True)
        assert said.stdout.split() == ["0", "1"]

    @pytest.mark.parametrize("package", [ENGINE, FRAME])
    def test_another_version_is_refused_and_left_alone(self, tmp_path: Path, package: str) -> None:
        write_packages(tmp_path, {**VERSIONS, package: "99.0.2"})
        before = texts(tmp_path)
        with pytest.raises(ReportError, match=rf"{package} is version 99\.0\.2, the patch is for "):
            patch(tmp_path)
        assert texts(tmp_path) == before

    def test_when_one_file_is_not_as_published_none_is_written(self, tmp_path: Path) -> None:
        write_packages(tmp_path, browser=BROWSER_CLIENT.replace("registerFileURL", "registerFile"))
        before = texts(tmp_path)
        with pytest.raises(ReportError, match=r"browser\.js is not as published"):
            patch(tmp_path)
        assert texts(tmp_path) == before

    def test_a_patch_cut_short_between_the_files_is_completed(self, tmp_path: Path) -> None:
        write_packages(tmp_path)
        patch(tmp_path)
        browser = tmp_path / ENGINE / "src" / "client-duckdb" / "browser.js"
        browser.write_text(BROWSER_CLIENT)
        assert patch(tmp_path)
        assert "read_parquet" not in browser.read_text()

    def test_no_package_is_said_in_words(self, tmp_path: Path) -> None:
        with pytest.raises(ReportError, match="is not in"):
            patch(tmp_path)


class TestNode:
    def test_no_node(self, tmp_path: Path) -> None:
        with pytest.raises(
            ReportError,
            match=r"Node\.js, which is not installed\. Install Node\.js 18 .*dddcli report --format html",
        ):
            process.check_node(str(tmp_path))

    def test_node_without_npm(self, tmp_path: Path) -> None:
        write_program(tmp_path / "node", "echo v20.1.0")
        with pytest.raises(ReportError, match="needs npm, which is not installed"):
            process.check_node(str(tmp_path))

    @pytest.mark.parametrize(("said", "shown"), [("echo v16.20.2", r"16\.20\.2"), ("exit 1", "not running")])
    def test_too_old_or_broken(self, tmp_path: Path, said: str, shown: str) -> None:
        write_program(tmp_path / "node", said)
        write_program(tmp_path / "npm", "true")
        with pytest.raises(ReportError, match=f"needs Node.js 18, this is {shown}"):
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


ANSWERS = "api/6666cd76f96956469e7be39d750cc7d9/d41d8cd98f00b204e9800998ecf8427e"
"""Where Evidence puts the answers of the first page: MD5 of the route `/` and of no parameters."""


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

    def test_what_a_first_visit_loads(self, tmp_path: Path) -> None:
        files = {
            "index.html": '<link href="/reports/_app/a.js"><script>import("/reports/_app/b.js")</script>',
            "_app/a.js": "a" * 5000,
            "_app/b.js": "b",
            "_app/of-another-page.js": "c",
            "_app/immutable/duckdb-eh.wasm": "w" * 9000,
            "data/metrics/weeks/weeks.parquet": "d",
            f"{ANSWERS}/all-queries.json": '{"said": "1f"}',
            "api/prerendered_queries/1f.arrow": "e",
            "api/prerendered_queries/2f.arrow": "of another page",
        }
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        site.compress(tmp_path)
        visit = site.first_visit(tmp_path)
        assert [str(path.relative_to(tmp_path)) for path in visit] == sorted(
            name for name in files if not re.search("another|duckdb|weeks|2f", name)
        )
        assert len(site.engine(tmp_path)) == 2
        assert gzip.decompress((tmp_path / "_app" / "a.js.gz").read_bytes()) == b"a" * 5000
        assert not (tmp_path / "_app" / "b.js.gz").exists()
        spared = 5000 - (tmp_path / "_app" / "a.js.gz").stat().st_size
        assert site.compressed_bytes(visit) == site.size(visit)[1] - spared

    def test_the_placeholder_is_the_one_of_the_configuration(self) -> None:
        assert f"basePath: {site.BASE_PATH}\n" in (REPORTS_DIR / "evidence.config.yaml").read_text()


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

    def test_what_a_kill_left_aside_is_put_back_first(self, tmp_path: Path) -> None:
        write_site(tmp_path / "report", "old").rename(tmp_path / ".report.old")
        with pytest.raises(ReportError, match="could not be written"):
            site.replace(tmp_path / "there is none", tmp_path / "report")
        assert (tmp_path / "report" / "index.html").read_text() == "old"

    def test_a_folder_that_is_no_report_is_never_replaced(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir()
        (home / "letter.txt").write_text("mine")
        with pytest.raises(ReportError, match="is not a report"):
            site.replace(write_site(tmp_path / "built", "new"), home)
        assert (home / "letter.txt").read_text() == "mine"
