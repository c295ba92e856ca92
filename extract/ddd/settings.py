"""Paths, addresses and tokens: the only module that reads the environment (with `ddd.source_settings`).

Every variable is listed with a comment in `.env.example`; a file `.env` in the project folder is read
where it exists, and never overrides what the environment already says.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from ddd import variables
from ddd.errors import SettingsError
from ddd.refresh_status import STALE_AFTER_HOURS
from ddd.source_settings import DeliverySettings, GerritSettings, demo_sources, other_sources

PROJECT_DIR = Path(__file__).resolve().parents[2]
"""The checkout: the folder that holds `dbt_project`, `www` and `reports`."""

DEMO_NOTICE = "These are SIMULATED data of an organisation that does not exist."

_SIMULATED = "simulated"


@dataclass(frozen=True)
class Site:
    """One Phabricator or Phorge installation, or the simulated one.

    Attributes:
        name: Names the folder of its warehouse; never two sites in one warehouse.
        url: Base address of the Conduit API, ending in `/api/`; empty for the demo, which starts its own.
        token: The Conduit token; never printed.
        is_demo: Whether its data are simulated.
    """

    name: str
    url: str
    token: str
    is_demo: bool = False

    def __repr__(self) -> str:
        return f"Site(name={self.name!r}, url={self.url!r}, is_demo={self.is_demo})"


@dataclass(frozen=True)
class Demo:
    """Parameters of the simulated organisation.

    Attributes:
        seed: The same seed gives the same history.
        end_date: Its last day is the day before; today where none is given.
        tasks_count: About how many tasks it has.
    """

    seed: int = 1
    end_date: date | None = None
    tasks_count: int = 3000


DEMO_SITE = Site(name="demo", url="", token="", is_demo=True)

MOCK_SITE = Site(name="mock", url="", token="")
"""Histories that came in a file instead of from a server."""

DEPLOYMENTS_SITE = Site(name="deployments", url="", token="")
"""No Conduit server, but deployments from elsewhere."""


@dataclass(frozen=True)
class Settings:
    """Everything that an installation can set, read once at the start of a command.

    Attributes:
        site: Where the tasks come from.
        data_dir: Folder of all warehouses; one sub-folder a site.
        www_dir: The Datasette folder, which receives `metrics.db`.
        export_policies: View policies whose tasks and projects may be published.
        export_spaces: PHIDs of spaces whose tasks may be published; empty means the space of most tasks.
        settings_dir: Folder of the installation's own settings and roles; none: those that come along.
        datasette_host: Address that the dashboards listen on.
        datasette_port: Port that the dashboards listen on.
        connections: Requests to Conduit under way at once.
        sweep_hours: How often to look for tasks that are gone or shown again; 0 for only when asked to.
        stale_hours: How old published data may be until pages and monitoring call them old.
        memory_limit: What DuckDB may use, in its own notation.
        lock_wait_seconds: How long to wait for another program to close a warehouse file.
        demo: Parameters of the simulated organisation.
        mediawiki_config_repo: Path or address of the git repository with `wikiversions.json`; empty for none.
        gerrit: Where patches come from.
        delivery: Where deployments of anything but the train come from.
    """

    site: Site
    data_dir: Path = PROJECT_DIR / "data"
    www_dir: Path = PROJECT_DIR / "www"
    export_policies: tuple[str, ...] = ("public",)
    export_spaces: tuple[str, ...] = ()
    settings_dir: Path | None = None
    datasette_host: str = "127.0.0.1"
    datasette_port: int = 8001
    connections: int = 4
    sweep_hours: int = 24
    stale_hours: int = STALE_AFTER_HOURS
    memory_limit: str = "8GB"
    lock_wait_seconds: int = 20
    demo: Demo = Demo()
    mediawiki_config_repo: str = ""
    gerrit: GerritSettings = field(default_factory=GerritSettings)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)

    @property
    def site_dir(self) -> Path:
        """Folder of this site's files."""
        return self.data_dir / self.site.name

    @property
    def documents_path(self) -> Path:
        """DuckDB file of the raw documents; written only while segments are landed."""
        return self.site_dir / "documents.duckdb"

    @property
    def warehouse_path(self) -> Path:
        """DuckDB file that dbt builds in."""
        return self.site_dir / "warehouse.duckdb"

    @property
    def names_path(self) -> Path:
        """SQLite file with the table `phobjects`: what PHIDs are called (`ddd.phab.DataCache`)."""
        return self.site_dir / "phobjects.db"

    @property
    def runs_path(self) -> Path:
        """SQLite file of what commands did to this site (`ddd.history`)."""
        return self.site_dir / "runs.db"

    @property
    def dbt_variables(self) -> dict[str, list[str]]:
        """What the models depend on, as dbt variables."""
        return {"export_policies": list(self.export_policies), "export_spaces": list(self.export_spaces)}

    @property
    def dbt_dir(self) -> Path:
        """Manifest, compiled models and logs of the last build."""
        return self.site_dir / "dbt"

    @property
    def manifest_path(self) -> Path:
        """The dbt manifest of the warehouse: every definition, unit and label."""
        return self.dbt_dir / "manifest.json"

    @property
    def segments_dir(self) -> Path:
        """Fetched pages of Phabricator that have not been landed yet."""
        return self.site_dir / "segments"

    @property
    def simulated_dir(self) -> Path:
        """Where the simulated organisation writes its deployments."""
        return self.site_dir / _SIMULATED

    def source_segments_dir(self, source: str) -> Path:
        """What another source has fetched and not landed yet: each looks for its own killed runs."""
        return self.site_dir / f"segments-{source}"

    @property
    def metrics_path(self) -> Path:
        """The published SQLite file of tasks."""
        return self.www_dir / "metrics.db"

    @property
    def trains_path(self) -> Path:
        """The published SQLite file of deployments."""
        return self.www_dir / "train.db"


def load_settings(
    environ: Mapping[str, str] | None = None, *, home: Path | None = None, site: Site | None = None
) -> Settings:
    """Read the environment, `.env` and `~/.arcrc`.

    The site is, in this order: `CONDUIT_URL` with `CONDUIT_TOKEN` (or with that host's token from
    `~/.arcrc`); the one host of `~/.arcrc` (or its default); none of Phabricator's, where another source is
    configured; the demo, unless `DDD_DEMO` is off.

    Args:
        environ: The variables, the process's own where none are given.
        home: Folder of `.arcrc`, the user's own where none is given.
        site: Where the tasks come from, whatever the variables say.

    Raises:
        SettingsError: A value makes no sense, or nothing says where the tasks come from.
    """
    if environ is None:
        dotenv = {key: value for key, value in dotenv_values(PROJECT_DIR / ".env").items() if value}
        environ = {**dotenv, **os.environ}
    others = other_sources(environ) if site is None or site == DEPLOYMENTS_SITE else {}
    site = site or _site(environ, (home or Path.home()) / ".arcrc", has_others=bool(others))
    data_dir = Path(environ.get("DDD_DATA_DIR") or PROJECT_DIR / "data").expanduser().resolve()
    www_dir = Path(environ.get("DATASETTE_DIR") or PROJECT_DIR / "www").expanduser().resolve()
    policies = variables.words(environ.get("DDD_EXPORT_POLICIES", "public"))
    if not policies:
        raise SettingsError(
            "DDD_EXPORT_POLICIES is empty, so that nothing could be published",
            "Name at least one view policy, such as DDD_EXPORT_POLICIES=public",
        )
    return Settings(
        site=site,
        data_dir=data_dir,
        www_dir=www_dir,
        export_policies=policies,
        export_spaces=variables.words(environ.get("DDD_EXPORT_SPACES", "")),
        settings_dir=variables.path(environ, "DDD_SETTINGS_DIR"),
        datasette_host=environ.get("DATASETTE_HOST") or "127.0.0.1",
        datasette_port=variables.number(environ, "DATASETTE_PORT", 8001, least=0, most=65535),
        connections=variables.number(environ, "DDD_CONNECTIONS", 4, least=1, most=32),
        sweep_hours=variables.number(environ, "DDD_SWEEP_HOURS", 24, least=0, most=8760),
        stale_hours=variables.number(environ, "DDD_STALE_HOURS", STALE_AFTER_HOURS, least=1, most=8760),
        memory_limit=environ.get("DDD_MEMORY_LIMIT") or "8GB",
        lock_wait_seconds=variables.number(environ, "DDD_LOCK_WAIT_SECONDS", 20, least=0, most=3600),
        demo=Demo(
            seed=variables.number(environ, "DDD_DEMO_SEED", 1, least=0, most=2**31),
            end_date=variables.day(environ, "DDD_DEMO_END"),
            tasks_count=variables.number(environ, "DDD_DEMO_TASKS", 3000, least=50, most=10_000_000),
        ),
        **(demo_sources(data_dir / site.name / _SIMULATED) if site == DEMO_SITE else others),
    )


def _site(environ: Mapping[str, str], arcrc: Path, *, has_others: bool) -> Site:
    url, token = environ.get("CONDUIT_URL", "").strip(), environ.get("CONDUIT_TOKEN", "").strip()
    if token and not url:
        raise SettingsError(
            "CONDUIT_TOKEN is set, but CONDUIT_URL is not",
            "Set CONDUIT_URL to the server's API, such as https://phabricator.example.org/api/",
        )
    hosts = _arcrc_hosts(arcrc) if not token else {}
    if url:
        url = api_url(url)
        token = token or hosts.get(url, "")
        if not token:
            raise SettingsError(
                f"No token for {url}",
                f"Set CONDUIT_TOKEN, or let arcanist store one in ~/.arcrc with: "
                f"arc install-certificate {url.removesuffix('api/')}",
            )
        return Site(name=site_name(url), url=url, token=token)
    if len(hosts) == 1:
        ((url, token),) = hosts.items()
        return Site(name=site_name(url), url=url, token=token)
    if len(hosts) > 1:
        raise SettingsError(
            f"~/.arcrc knows {len(hosts)} hosts: {', '.join(sorted(hosts))}",
            "Choose one with CONDUIT_URL",
        )
    if has_others:
        return DEPLOYMENTS_SITE
    if not variables.flag(environ, "DDD_DEMO", default=True):
        raise SettingsError(
            "No server is configured and the demo is switched off (DDD_DEMO=0)",
            "Set CONDUIT_URL and CONDUIT_TOKEN, or a source of deployments (.env.example), "
            "or DDD_DEMO=1 for simulated data",
        )
    return DEMO_SITE


def api_url(url: str) -> str:
    """The address of the Conduit API for a server's address, with or without `/api/`.

    Raises:
        SettingsError: It is not an http or https address, or holds a user name or password.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(
            f"CONDUIT_URL {url!r} is not an address",
            "Write it as https://phabricator.example.org/api/",
        )
    if parts.username or parts.password or parts.query:
        raise SettingsError(
            f"CONDUIT_URL for {parts.hostname} holds a password or a query",
            "Give the plain address there, and the token in CONDUIT_TOKEN",
        )
    path = parts.path.rstrip("/")
    if not path.endswith("/api"):
        path += "/api"
    return f"{parts.scheme}://{parts.netloc}{path}/"


def site_name(url: str) -> str:
    """A folder name for a server: host, port and path without `/api/`, in safe characters."""
    parts = urlsplit(url)
    path = parts.path.removesuffix("/").removesuffix("/api")
    return re.sub(r"[^a-z0-9.-]+", "-", (parts.netloc + path).lower()).strip("-.")


def _arcrc_hosts(arcrc: Path) -> dict[str, str]:
    """Addresses and tokens of arcanist's settings file: `{"hosts": {url: {"token": ...}}}`."""
    try:
        text = arcrc.read_text()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(f"~/.arcrc cannot be read ({error.strerror})", "Check its permissions") from None
    try:
        settings = json.loads(text)
        hosts = dict(settings.get("hosts") or {})
        found = {api_url(url): entry.get("token") or entry.get("api-token") for url, entry in hosts.items()}
    except (ValueError, AttributeError, TypeError):
        raise SettingsError(
            "~/.arcrc is not what arcanist writes", "Check its JSON, or set CONDUIT_URL"
        ) from None
    return {url: token for url, token in found.items() if token}
