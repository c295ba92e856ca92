"""Starts Datasette on the published files.

Plugins, templates and dashboards are in `www/`; the plain command
`datasette --metadata www/metadata.yaml -h HOST -p PORT www` shows the same pages. What this module adds:
it refuses an address that others can reach unless `public` is given, and says clearly what is missing.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import webbrowser
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from datasette.app import Datasette
from rich.console import Console
from rich.markup import escape

from ddd.dashboards import load_dashboards
from ddd.errors import DataError
from ddd.pages import HOME
from ddd.publications import fingerprint, hold, served_files
from ddd.published import read_published
from ddd.settings import PROJECT_DIR, Settings
from ddd.vega import write_vega
from ddd.workers import Workers

PUBLIC_SETTINGS = {"default_allow_sql": False, "allow_download": False}
"""What `--public` closes: one SQL function call can run far past the time limit."""


def serve(
    settings: Settings,
    *,
    host: str | None = None,
    port: int | None = None,
    public: bool = False,
    workers: int = 1,
    open_browser: bool = False,
    console: Console | None = None,
) -> None:
    """Serve the published files until interrupted; newly published ones take over without a pause.

    Args:
        settings: Where the published files are, and the default address.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        public: Close open SQL and downloads; required for any address but a loopback one.
        workers: Processes that answer, where one keeps a core busy. They share the address, and one that
            ends is started again.
        open_browser: Open the first page.
        console: Where to say the address.

    Raises:
        DataError: Nothing is published, the address is not allowed or not ours, the port is taken, or a
            dashboard's YAML is wrong.
    """
    host = settings.datasette_host if host is None else host
    port = settings.datasette_port if port is None else port
    if not public and not is_loopback(host):
        raise DataError(
            f"{host} can be reached from other machines",
            "Add --public, which closes open SQL and downloads, or listen on 127.0.0.1",
        )
    _check(settings)
    listener = _listen(host, port)
    name = f"[{host}]" if ":" in host else host
    url = f"http://{name}:{listener.getsockname()[1]}{HOME}"
    console = console or Console()

    def begin() -> None:
        console.print(f"Data³ is at {url} (Ctrl+C stops it)", soft_wrap=True, highlight=False)
        if open_browser:
            webbrowser.open(url)

    def change(sentence: str) -> None:
        console.print(escape(sentence), soft_wrap=True)

    def start(seen: tuple[tuple[str, int, int, int], ...]) -> Datasette:
        return open_datasette(settings, public=public, files=[Path(path) for path, *_ in seen])

    with listener:
        Workers(listener, start, partial(fingerprint, settings.www_dir), workers).run(begin, change)


def open_datasette(
    settings: Settings, *, public: bool = False, files: Sequence[Path] | None = None
) -> Datasette:
    """Datasette on every published file of the folder, with our pages.

    The pages come from the folder itself where it has them, else from the project's own `www/`.

    Args:
        settings: Where the published files are.
        public: Close open SQL and downloads.
        files: Which files, where it shall not be those that count at this moment.

    Raises:
        DataError: `metrics.db` is missing, empty or damaged, or a dashboard's YAML is wrong.
    """
    pages = _check(settings)
    files = files or served_files(settings.www_dir)
    hold(files)
    return Datasette(
        [],
        immutables=[str(path) for path in files],
        metadata=yaml.safe_load((pages / "metadata.yaml").read_text(encoding="utf-8")),
        plugins_dir=str(pages / "plugins"),
        template_dir=str(pages / "templates"),
        static_mounts=[("static", str(pages / "static"))],
        settings=_settings(pages) | (PUBLIC_SETTINGS if public else {}),
    )


def _check(settings: Settings) -> Path:
    """See that there is something to serve, and that the pages are sound; gives the folder of the pages."""
    read_published(settings.metrics_path)
    pages = settings.www_dir if (settings.www_dir / "plugins").is_dir() else PROJECT_DIR / "www"
    load_dashboards(pages / "dashboards")
    write_vega(pages)
    return pages


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _settings(pages: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((pages / "settings.json").read_text(encoding="utf-8"))
    return settings


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError as error:
        raise DataError(
            f"Nothing can listen on {host} port {port} ({error.strerror or error})",
            "Choose another port with --port or DATASETTE_PORT, or stop the program that has it",
        ) from None
    return listener
