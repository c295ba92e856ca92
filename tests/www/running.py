"""Real servers and a real browser for the tests and for the screenshots."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from ddd.settings import PROJECT_DIR

# No sandbox: tests may run as root. The rest keeps the browser from calling its maker.
BROWSER_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip

_SERVE = (
    "import sys; from pathlib import Path;"
    "from ddd.settings import DEMO_SITE, Settings; from ddd.serve import serve;"
    "serve(Settings(site=DEMO_SITE, www_dir=Path(sys.argv[1])), host='127.0.0.1', port=0,"
    " public='--public' in sys.argv, workers=1 + ('--two' in sys.argv))"
)


@contextmanager
def served(www_dir: Path, *flags: str) -> Iterator[str]:
    """`ddd.serve` on a folder in a process of its own, with `--two` workers if wanted; gives its address."""
    with _running([sys.executable, "-c", _SERVE, str(www_dir), *flags]) as address:
        yield address


@contextmanager
def served_plainly(www_dir: Path) -> Iterator[str]:
    """The command that users of Datasette know, on a folder that also holds the pages."""
    command = ["datasette", "--metadata", "www/metadata.yaml", "-h", "127.0.0.1", "-p", "0", str(www_dir)]
    with _running([str(Path(sys.executable).parent / command[0]), *command[1:]]) as address:
        yield address


@contextmanager
def _running(command: list[str]) -> Iterator[str]:
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=PROJECT_DIR, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    watchdog = threading.Timer(60, process.kill)  # a server that says nothing would be waited for for ever
    watchdog.start()
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        else:
            raise AssertionError(f"the server did not start: {''.join(said)}")
        watchdog.cancel()
        threading.Thread(target=process.stdout.read, daemon=True).start()  # keep its pipe from filling
        yield found.group()
    finally:
        watchdog.cancel()
        process.terminate()
        process.wait(timeout=20)


def find_chromium() -> str | None:
    """The browser of `CHROMIUM`, or one on the path."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=BROWSER_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def watched_page(context: BrowserContext, address: str) -> tuple[Page, list[str]]:
    """A page, and the list that fills with what must not happen.

    Console errors, policy violations, failed scripts, dialogs, failed requests, and requests to any
    address but the server's, which are also refused.
    """
    problems: list[str] = []
    own = (f"{address}/", "data:", f"blob:{address}/")
    context.route(
        "**/*", lambda route: route.continue_() if route.request.url.startswith(own) else route.abort()
    )
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on(
        "console",
        lambda message: (
            problems.append(f"{message.type}: {message.text}")
            if message.type in {"error", "warning"}
            else None
        ),
    )
    page.on(
        "request",
        lambda request: None if request.url.startswith(own) else problems.append(f"foreign: {request.url}"),
    )
    page.on(
        "response",
        lambda response: (
            problems.append(f"{response.status} {response.url}") if response.status >= 400 else None
        ),
    )
    return page, problems


def wait_for_charts(page: Page) -> None:
    """Until every panel of the shown tab is drawn; each is scrolled to, as charts are drawn when seen."""
    page.wait_for_function(
        "() => { const all = [...document.querySelectorAll('.drawing')];"
        " const places = all.filter((each) => each.clientWidth);"
        " const next = places.find((each) => each.dataset.drawn === undefined"
        " || each.getAttribute('aria-busy') !== 'false');"
        " (next ?? document.body).scrollIntoView();"
        " return places.length && !next; }"
    )
