"""Every query of every page, asked of the tables that the pages get; in seconds and without Node."""

import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from ddd.reports import read_content
from ddd.reports.content import REPORTS_DIR
from ddd.reports.sources import write_sources
from ddd.reports.statements import TABLE, statements_table
from ddd.settings import DEMO_SITE, Settings

from .published import write_published

CHOSEN = {
    "params.project": "search",
    "inputs.project.value": "all",
    "inputs.range.start": "2026-01-01",
    "inputs.range.end": "2026-12-31",
}
QUERIES = {
    (str(path.relative_to(REPORTS_DIR / "pages")), name): sql
    for path in sorted((REPORTS_DIR / "pages").rglob("*.md"))
    for name, sql in re.findall(r"^```sql (\w+)\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE)
}


def engine(folder: Path, *, has_finished_tasks: bool) -> duckdb.DuckDBPyConnection:
    """DuckDB with what a browser loads, and without extensions, as there."""
    write_published(folder / "metrics.db", has_finished_tasks=has_finished_tasks)
    content = read_content(Settings(site=DEMO_SITE, www_dir=folder))
    tables = {**content.tables, TABLE: statements_table(content.statements)}
    write_sources(tables, folder / "data")
    database = duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )
    for name in tables:
        source, table = name.split(".")
        rows = pa.ipc.open_stream(folder / "data" / source / table / f"{table}.parquet").read_all()
        database.execute(f"create schema if not exists {source}")
        database.register("rows", rows)
        database.execute(f"create table {source}.{table} as select * from rows")
    return database


@pytest.mark.parametrize("has_finished_tasks", [True, False])
def test_every_query_of_every_page_runs(tmp_path: Path, has_finished_tasks: bool) -> None:
    database = engine(tmp_path, has_finished_tasks=has_finished_tasks)
    assert len(QUERIES) > 40
    empty = []
    for (page, name), sql in QUERIES.items():
        filled = re.sub(r"\$\{([\w.]+)\}", lambda found: CHOSEN[found[1]], sql)
        try:
            rows = database.execute(filled).fetchall()
        except duckdb.Error as error:
            pytest.fail(f"{page}, {name}: {error}")
        if not rows:
            empty.append(f"{page} {name}")
    # the published files of these tests have no week of two figures, and no declared change
    expected = ["impact.md judged", "index.md in_progress", "index.md open_tasks"]
    assert not has_finished_tasks or empty == expected


def test_every_page_begins_with_an_answer_and_ends_with_definitions() -> None:
    for path in (REPORTS_DIR / "pages").rglob("*.md"):
        text = path.read_text()
        assert text.startswith("---\ntitle: ")
        assert text.split("\n## ")[-1].startswith("What the numbers mean")
        assert "<Definitions rows={definitions} />" in text
        if path.parent.name != "projects" or "[" in path.name:
            assert text.index("<Answer rows={said} />") < text.index("\n## ")
