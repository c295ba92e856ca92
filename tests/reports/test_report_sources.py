"""The data of the reports: what the published files hold, in the types that dbt declared, and no more."""

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from ddd.errors import ReportError
from ddd.reports.content import REPORTS_DIR
from ddd.reports.sources import texts, write_sources
from ddd.reports.tables import About, Table, read_about, read_tables

from .published import AS_OF, CLOSED, NAMES, PAGES, QUIET, SEARCH, write_published

SOURCES = REPORTS_DIR / "sources"


@pytest.fixture
def www(tmp_path: Path) -> Path:
    (tmp_path / "www").mkdir()
    write_published(tmp_path / "www" / "metrics.db")
    return tmp_path / "www"


def one_source(folder: Path, sql: str) -> Path:
    (folder / "sources" / "metrics").mkdir(parents=True)
    (folder / "sources" / "metrics" / "things.sql").write_text(sql)
    return folder / "sources"


def written(data: Path, table: str) -> pa.Table:
    return pa.ipc.open_stream(data / "metrics" / table / f"{table}.parquet").read_all()


def test_what_the_file_says_of_itself(www: Path) -> None:
    expected = About(site_name="demo", as_of="2026-11-23T00:05:00Z", is_demo=True)
    assert read_about(www / "metrics.db") == expected


def test_counts_are_those_of_the_published_file(www: Path) -> None:
    rows = read_tables(www, SOURCES)["metrics.weeks"].rows
    everything = [sum(counts) for counts in zip(*CLOSED.values(), strict=True)]
    for phid, counts in {**CLOSED, "all": everything}.items():
        of_project = [row for row in rows if row["project_phid"] == phid]
        assert [row["closed_tasks_count"] for row in of_project] == counts
        assert [row["created_tasks_count"] for row in of_project] == [count + 1 for count in counts]


def test_the_week_and_the_month_that_last_are_left_out(www: Path, tmp_path: Path) -> None:
    write_sources(read_tables(www, SOURCES), tmp_path / "data")
    weeks = written(tmp_path / "data", "weeks")["period_started_date"].to_pylist()
    months = written(tmp_path / "data", "cycle_time")["period_started_date"].to_pylist()
    assert max(weeks) == datetime(AS_OF.year, AS_OF.month, AS_OF.day) - timedelta(days=7)
    assert max(months) == datetime(2026, 10, 1)


def test_types_are_those_of_the_contracts_or_follow_from_the_name(www: Path, tmp_path: Path) -> None:
    write_sources(read_tables(www, SOURCES), tmp_path / "data")
    cycle_time, aging = (written(tmp_path / "data", table).schema for table in ("cycle_time", "aging_work"))
    assert cycle_time.field("period_started_date").type == pa.timestamp("ms")
    assert cycle_time.field("cycle_time_p50_days").type == pa.float64()
    assert aging.field("is_beyond_expectation").type == pa.bool_()
    assert written(tmp_path / "data", "about").schema.field("last_week_date").type == pa.timestamp("ms")


def test_each_active_project_has_a_page_whose_name_any_web_server_can_serve(www: Path) -> None:
    rows = read_tables(www, SOURCES)["metrics.projects"].rows
    assert [(row["project_phid"], row["project_path"], row["page_name"]) for row in rows] == [
        ("all", "All projects", "all"),
        *((phid, name, PAGES[phid]) for phid, name in NAMES.items()),
    ]


def test_a_site_where_nothing_was_finished_has_all_tables_with_their_columns(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    write_published(tmp_path / "metrics.db", has_finished_tasks=False)
    write_published(tmp_path / "full" / "metrics.db")
    tables, full = read_tables(tmp_path, SOURCES), read_tables(tmp_path / "full", SOURCES)
    assert tables["metrics.cycle_time"].rows == tables["train.trains"].rows == []
    assert {name: table.kinds for name, table in tables.items()} == {
        name: table.kinds for name, table in full.items()
    }
    assert sum(row["closed_tasks_count"] for row in tables["metrics.weeks"].rows) == 0


def test_the_manifest_names_every_file(www: Path, tmp_path: Path) -> None:
    tables = read_tables(www, SOURCES)
    write_sources(tables, tmp_path / "data")
    named = json.loads((tmp_path / "data" / "manifest.json").read_text())["renderedFiles"]
    files = {str(path.relative_to(tmp_path)) for path in (tmp_path / "data").rglob("*.parquet")}
    assert {name.removeprefix("static/") for names in named.values() for name in names} == files
    assert {f"{source}.{name.split('/')[-2]}" for source, names in named.items() for name in names} == set(
        tables
    )
    assert NAMES[QUIET] in texts(tables)


@pytest.mark.parametrize(
    ("value", "declared", "type_"),
    [
        ("2026-01-02T03:04:05Z", "timestamp", pa.timestamp("ms")),
        ("2026-01-02", "date", pa.timestamp("ms")),
        (None, "bigint", pa.float64()),
        (None, "decimal(18,3)", pa.float64()),
        ('["a"]', "varchar[]", pa.dictionary(pa.int32(), pa.string())),
        (None, "varchar", pa.dictionary(pa.int32(), pa.string())),
    ],
)
def test_any_type_of_the_catalog(
    www: Path, tmp_path: Path, value: str | None, declared: str, type_: pa.DataType
) -> None:
    with sqlite3.connect(www / "metrics.db") as file:
        file.execute("insert into catalog_columns (column_name, data_type) values ('thing', ?)", [declared])
        file.execute("create table things (thing)")
        file.execute("insert into things values (?)", [value])
    file.close()
    write_sources(read_tables(www, one_source(tmp_path, "select thing from things")), tmp_path / "data")
    assert written(tmp_path / "data", "things").schema.field("thing").type == type_


def test_rows_have_python_types() -> None:
    table = Table(
        {"due_at": "time", "is_late": "boolean", "name": "text"}, [("2026-01-02T03:00:00Z", 1, None)]
    )
    assert table.rows == [{"due_at": datetime(2026, 1, 2, 3), "is_late": True, "name": None}]


def test_a_query_that_fails_is_named(www: Path, tmp_path: Path) -> None:
    sources = one_source(tmp_path, "select nope from metric_throughput")
    with pytest.raises(ReportError, match=r"things\.sql failed: no such column: nope"):
        read_tables(www, sources)


@pytest.mark.parametrize("missing", ["metrics.db", "train.db"])
def test_without_a_published_file_the_remedy_is_named(www: Path, missing: str) -> None:
    (www / missing).unlink()
    with pytest.raises(ReportError, match=f"no .*{missing}.* dddcli refresh"):
        read_tables(www, SOURCES)


def test_a_damaged_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "metrics.db").write_text("this is not a database, whatever its name says " * 100)
    with pytest.raises(ReportError, match="not a database"):
        read_about(tmp_path / "metrics.db")


def test_names_are_data_and_never_sql(www: Path) -> None:
    with sqlite3.connect(www / "metrics.db") as file:
        file.execute(
            "update projects set project_path = ? where project_phid = ?",
            ["x'; drop table about; --", SEARCH],
        )
    file.close()
    assert "x'; drop table about; --" in texts(read_tables(www, SOURCES))
