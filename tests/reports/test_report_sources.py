"""The data of the pages: what the published file holds, in the types that dbt declared, and no more."""

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from ddd.errors import ReportError
from ddd.reports.build import REPORTS_DIR
from ddd.reports.sources import About, read_about, write_sources

from .published import AS_OF, NAMES, QUIET, SEARCH, write_published


@pytest.fixture
def metrics(tmp_path: Path) -> Path:
    return write_published(tmp_path / "metrics.db")


def read(data: Path, table: str) -> pa.Table:
    return pa.ipc.open_stream(data / "metrics" / table / f"{table}.parquet").read_all()


def test_what_the_file_says_of_itself(metrics: Path) -> None:
    assert read_about(metrics) == About(site_name="demo", as_of="2026-11-23T00:05:00Z", is_demo=True)


def test_counts_are_those_of_the_published_file(metrics: Path, tmp_path: Path) -> None:
    write_sources(metrics, REPORTS_DIR / "sources", tmp_path / "data")
    rows = read(tmp_path / "data", "throughput").to_pylist()
    with sqlite3.connect(metrics) as file:
        published = file.execute(
            "select project_phid, period_started_date, closed_tasks_count from metric_throughput "
            "where subtype = 'all' and priority_name = 'all' and period = 'week' and period_started_date < ?",
            [str(AS_OF)],
        ).fetchall()
    file.close()
    written = [
        (row["project_phid"], str(row["period_started_date"].date()), row["closed_tasks_count"])
        for row in rows
    ]
    assert sorted(written) == sorted(published)
    assert len(written) == 4 * 30


def test_the_week_and_the_month_that_last_are_left_out(metrics: Path, tmp_path: Path) -> None:
    write_sources(metrics, REPORTS_DIR / "sources", tmp_path / "data")
    weeks = read(tmp_path / "data", "throughput")["period_started_date"].to_pylist()
    months = read(tmp_path / "data", "cycle_time")["period_started_date"].to_pylist()
    assert max(weeks) == datetime(AS_OF.year, AS_OF.month, AS_OF.day) - timedelta(days=7)
    assert max(months) == datetime(2026, 10, 1)


def test_types_are_those_of_the_contracts(metrics: Path, tmp_path: Path) -> None:
    write_sources(metrics, REPORTS_DIR / "sources", tmp_path / "data")
    projects, cycle_time = (read(tmp_path / "data", table) for table in ("projects", "cycle_time"))
    assert projects.schema.field("is_archived").type == pa.bool_()
    assert cycle_time.schema.field("period_started_date").type == pa.timestamp("ms")
    assert cycle_time.schema.field("cycle_time_p50_days").type == pa.float64()
    assert dict(
        zip(projects["project_phid"].to_pylist(), projects["project_path"].to_pylist(), strict=True)
    ) == {
        "all": "All projects",
        **NAMES,
    }


def test_a_site_where_nothing_was_finished_has_all_tables_with_their_columns(tmp_path: Path) -> None:
    metrics = write_published(tmp_path / "metrics.db", has_finished_tasks=False)
    written = write_sources(metrics, REPORTS_DIR / "sources", tmp_path / "data")
    cycle_time = read(tmp_path / "data", "cycle_time")
    assert written.rows_counts["metrics.cycle_time"] == cycle_time.num_rows == 0
    assert cycle_time.schema.field("cycle_time_p85_days").type == pa.float64()
    assert sum(read(tmp_path / "data", "throughput")["closed_tasks_count"].to_pylist()) == 0


def test_the_manifest_names_every_file(metrics: Path, tmp_path: Path) -> None:
    written = write_sources(metrics, REPORTS_DIR / "sources", tmp_path / "data")
    named = json.loads((tmp_path / "data" / "manifest.json").read_text())["renderedFiles"]["metrics"]
    files = {str(path.relative_to(tmp_path)) for path in (tmp_path / "data").rglob("*.parquet")}
    assert {name.removeprefix("static/") for name in named} == files
    assert {name.split("/")[-2] for name in named} == {
        name.removeprefix("metrics.") for name in written.rows_counts
    }
    assert NAMES[QUIET] in written.texts


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
    tmp_path: Path, value: str | None, declared: str, type_: pa.DataType
) -> None:
    metrics = write_published(tmp_path / "metrics.db")
    with sqlite3.connect(metrics) as file:
        file.execute("insert into catalog_columns (column_name, data_type) values ('thing', ?)", [declared])
        file.execute("create table things (thing)")
        file.execute("insert into things values (?)", [value])
    file.close()
    (tmp_path / "sources" / "metrics").mkdir(parents=True)
    (tmp_path / "sources" / "metrics" / "things.sql").write_text("select thing from things")
    write_sources(metrics, tmp_path / "sources", tmp_path / "data")
    assert read(tmp_path / "data", "things").schema.field("thing").type == type_


def test_a_query_that_fails_is_named(metrics: Path, tmp_path: Path) -> None:
    (tmp_path / "sources" / "metrics").mkdir(parents=True)
    (tmp_path / "sources" / "metrics" / "wrong.sql").write_text("select nope from metric_throughput")
    with pytest.raises(ReportError, match=r"wrong\.sql failed: no such column: nope"):
        write_sources(metrics, tmp_path / "sources", tmp_path / "data")


def test_without_a_published_file_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="dddcli refresh"):
        read_about(tmp_path / "metrics.db")


def test_a_damaged_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "metrics.db").write_text("this is not a database, whatever its name says " * 100)
    with pytest.raises(ReportError, match="not a database"):
        read_about(tmp_path / "metrics.db")


def test_names_are_data_and_never_sql(tmp_path: Path) -> None:
    metrics = write_published(tmp_path / "metrics.db")
    with sqlite3.connect(metrics) as file:
        file.execute(
            "update projects set project_path = ? where project_phid = ?",
            ["x'; drop table about; --", SEARCH],
        )
    file.close()
    written = write_sources(metrics, REPORTS_DIR / "sources", tmp_path / "data")
    assert "x'; drop table about; --" in written.texts
