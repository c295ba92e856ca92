"""The order of the steps: what is built, what is refused, and that a failure leaves the previous site."""

import fcntl
import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from ddd.errors import ReportError, WarehouseError
from ddd.reports import build
from ddd.reports.build import REPORTS_DIR
from ddd.reports.patch import VERSIONS
from ddd.settings import DEMO_SITE, Settings

from .published import write_published
from .stand_ins import write_packages, write_program, write_site


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An Evidence project whose `evidence` is a shell script."""
    folder = tmp_path / "reports"
    write_packages(folder / "node_modules")
    (folder / "package-lock.json").write_text("{}")
    (folder / "node_modules" / ".installed-from").write_text(hashlib.sha256(b"{}").hexdigest())
    shutil.copytree(REPORTS_DIR / "sources", folder / "sources")
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
        assert result.rows_counts["metrics.projects"] == 4
        assert result.rows_counts["words.statements"] > 20
        mail = (tmp_path / "out" / "statistics-2026-10.txt").read_text()
        assert mail.startswith("Statistics of October 2026 for a simulated organisation\n")
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


@pytest.mark.usefixtures("node")
def test_without_room_nothing_is_begun(
    project: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = write_site(tmp_path / "out", "the previous site")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    with pytest.raises(WarehouseError, match=r"MB are needed\. Make room on that disk$"):
        build(settings, out, reports_dir=project)
    assert (out / "index.html").read_text() == "the previous site"


def test_the_lock_file_names_no_host() -> None:
    lock = (REPORTS_DIR / "package-lock.json").read_text()
    packages = json.loads(lock)["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in VERSIONS} == VERSIONS
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert "registry" not in lock
    assert [name for name, package in packages.items() if name and not package.get("inBundle")] == [
        name for name, package in packages.items() if package.get("integrity")
    ]
