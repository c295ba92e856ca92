"""Screenshots of the pages, wide and narrow, light and dark: `make shots`, then look at them.

Serves the published file (`DATASETTE_DIR`, or `www/`), or the address given, and writes
`artifacts/shots/<page>-<width>-<scheme>.png`.
"""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from playwright.sync_api import BrowserContext
from running import chromium, served, wait_for_charts, watched_page

from ddd.dashboards import load_dashboards
from ddd.settings import PROJECT_DIR, load_settings


def _pages() -> dict[str, str]:
    """Every page, and every tab of those that have some; a workflow that of the greatest workboard."""
    found = {
        "home": "/-/ddd/",
        "all-metrics": "/-/ddd/all-metrics#headlines",
        "data-quality": "/-/ddd/data-quality",
        "changes": "/-/ddd/impact",
        "search": "/-/ddd/search?q=search",
        "search-nothing": "/-/ddd/search?q=T99999999",
        "index": "/",
        "database": "/metrics",
        "table": "/metrics/metric_throughput?_size=12",
        "tasks": "/metrics/tasks?_size=12",
        "query": "/metrics/workflow_throughput?project=all&period=week",
        "not-found": "/-/ddd/nothing",
        "workflow-empty": "/-/ddd/workflow?project=PHID-PROJ-none&tab=time",
    }
    for slug, page in load_dashboards(PROJECT_DIR / "www" / "dashboards").items():
        path = f"/-/ddd/{slug}/{{{slug}}}" if page.subject else f"/-/ddd/{slug}"
        for tab in page.tabs:
            named = len(page.tabs) > 1
            query = f"?tab={tab.name}" if named else ""
            if slug == "workflow":
                query = f"?project={{board}}&tab={tab.name}"
            found[f"{slug}-{tab.name}" if named else slug] = path + query
    return found


PAGES = _pages()
PATIENCE_MS = 120_000  # also where other programs keep the machine busy
WIDTHS = {1440: 900, 390: 844}


def main() -> None:
    """Make the screenshots that were asked for, and print what the browser complained of."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", help="a running server, instead of one started here")
    parser.add_argument("--out", type=Path, default=PROJECT_DIR / "artifacts" / "shots")
    parser.add_argument("--pages", nargs="*", choices=PAGES, default=list(PAGES))
    parser.add_argument("--widths", nargs="*", type=int, default=list(WIDTHS))
    parser.add_argument("--schemes", nargs="*", choices=["light", "dark"], default=["light", "dark"])
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    server = contextlib.nullcontext(chosen.address) if chosen.address else served(load_settings().www_dir)
    with server as address, chromium() as browser:
        for scheme in chosen.schemes:
            for width in chosen.widths:
                context = browser.new_context(
                    base_url=address,
                    color_scheme=scheme,
                    viewport={"width": width, "height": WIDTHS.get(width, 900)},
                )
                named = {
                    "board": _first(context, "workflow_boards", "project"),
                    "task": _first(context, "task_newest", "subject"),
                    "train": _first(context, "train_newest_trains", "subject", database="train"),
                    "impact": _first(context, "impact_changes", "change_key"),
                }
                for name in chosen.pages:
                    page, problems = watched_page(context, address)
                    page.set_default_timeout(PATIENCE_MS)
                    page.goto(PAGES[name].format(**named))
                    if page.locator(".drawing").count():
                        wait_for_charts(page)
                    page.evaluate("scrollTo(0, 0)")
                    path = chosen.out / f"{name}-{width}-{scheme}.png"
                    page.screenshot(path=path, full_page=True)
                    print(path, *(problems if name != "not-found" else []), sep="\n  ")  # noqa: T201
                    page.close()
                context.close()


def _first(context: BrowserContext, query: str, column: str, database: str = "metrics") -> str:
    rows = context.request.get(f"/{database}/{query}.json?_shape=array").json()
    return str(rows[0][column])


if __name__ == "__main__":
    main()
