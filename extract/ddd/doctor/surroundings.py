"""What surrounds the data: settings, and the versions of what is installed."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from ddd import __version__
from ddd.doctor.findings import Finding, ok, problem, warning
from ddd.settings import PROJECT_DIR, Settings

_PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "datasette")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_NODE_MAJOR = 18
_READABLE_BY_OTHERS = 0o077


def settings_findings(settings: Settings) -> Iterator[Finding]:
    """Which site, whether its token travels and lies safely, and what may be published."""
    site = settings.site
    if site.is_demo:
        yield ok(
            "settings", "site", "the demo: simulated data; CONDUIT_URL and CONDUIT_TOKEN name a real server"
        )
    else:
        yield ok("settings", "site", f"{site.url}, in {settings.site_dir}")
        parts = urlsplit(site.url)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            yield warning(
                "settings", "address", "the token travels unencrypted (http)", "Write CONDUIT_URL with https"
            )
        for path in (PROJECT_DIR / ".env", Path.home() / ".arcrc"):
            if path.exists() and path.stat().st_mode & _READABLE_BY_OTHERS:
                yield warning(
                    "settings",
                    path.name,
                    f"others on this machine can read {path}, which may hold a token",
                    f"Run: chmod 600 {path}",
                )
    yield ok(
        "settings",
        "publishing",
        f"view policies {', '.join(settings.export_policies)}; spaces "
        f"{', '.join(settings.export_spaces) or 'none, or the one of most tasks'}",
    )


def version_findings() -> Iterator[Finding]:
    """Versions of what is installed."""
    yield ok(
        "versions",
        "Data³",
        f"{__version__} with Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
    )
    for package in _PACKAGES:
        try:
            yield ok("versions", package, version(package))
        except PackageNotFoundError:
            yield problem(
                "versions", package, "is not installed", "Run `make refresh`, which installs everything"
            )
    yield _node()


def _node() -> Finding:
    remedy = f"Install Node {_NODE_MAJOR} or newer, if you want static reports"
    path = shutil.which("node")
    if path is None:
        return warning("versions", "Node", "is not there; only `dddcli report` needs it", remedy)
    try:
        said = subprocess.run(  # noqa: S603 - the path comes from the PATH of who runs this
            [path, "--version"], capture_output=True, text=True, timeout=10, check=False
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    major = said.removeprefix("v").split(".")[0]
    if not major.isdecimal() or int(major) < _NODE_MAJOR:
        return warning(
            "versions", "Node", f"{said or 'does not start'}; only `dddcli report` needs it", remedy
        )
    return ok("versions", "Node", said.removeprefix("v"))
