"""What is published: exact values, allowed rows only, whole files only."""

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ddd.errors import ExportError
from ddd.export import export
from ddd.published import read_published
from ddd.settings import DEMO_SITE, PROJECT_DIR, Settings

TASKS = """
create table int_extraction_dated as select timestamp '2026-01-31 12:00:00' as as_of;
create table tasks as select * from (values
    (1, 'Öffentlich <script>"''', 1.5::decimal(9, 2), true, timestamp '2026-01-02 03:04:05', 'public', true),
    (2, '', null, false, null, 'public', true),
    (3, 'A secret', 0.1, true, timestamp '2026-01-02 03:04:05', 'users', false),
    (4, 'Public, but in a closed space', 0.1, true, null, 'public', false)
) as rows (task_id, title, points, is_closed, closed_at, view_policy, is_published);
create table metric_throughput as select * from (values
    ('all', date '2026-01-05', 2::bigint), ('all', date '2026-01-12', null)
) as rows (project_phid, period_started_date, closed_tasks_count);
"""


def node(name: str, columns: dict[str, str], export_rules: dict[str, Any]) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "schema": "main",
        "alias": name,
        "description": f"One row per {name}.",
        "original_file_path": f"models/{name}.sql",
        "config": {"meta": {"export": export_rules, "label": name.title(), "question": "How many?"}},
        "columns": {
            column: {
                "name": column,
                "data_type": kind,
                "description": f"The {column}.",
                "config": {"meta": {}},
            }
            for column, kind in columns.items()
        },
    }


MANIFEST = {
    "nodes": {
        "tasks": node(
            "tasks",
            {
                "task_id": "integer", "title": "varchar", "points": "decimal(9,2)", "is_closed": "boolean",
                "closed_at": "timestamp", "view_policy": "varchar", "is_published": "boolean",
            },
            {"indexes": [["closed_at"]], "full_text": ["title"]},
        ),
        "metric_throughput": node(
            "metric_throughput",
            {"project_phid": "varchar", "period_started_date": "date", "closed_tasks_count": "bigint"},
            {"indexes": [["project_phid", "period_started_date"]]},
        ),
        "internal": node("internal", {"secret": "varchar"}, {}),
    }
}  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(
        site=DEMO_SITE, data_dir=tmp_path / "data", www_dir=tmp_path / "www", lock_wait_seconds=0
    )
    (settings.dbt_dir / "target").mkdir(parents=True)
    settings.www_dir.mkdir()
    settings.manifest_path.write_text(json.dumps(MANIFEST))
    results = {"args": {"vars": settings.dbt_variables}}
    (settings.dbt_dir / "target" / "run_results.json").write_text(json.dumps(results))
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        connection.execute(TASKS)
    return settings


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(settings.metrics_path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_values_keep_their_meaning(settings: Settings) -> None:
    assert export(settings).rows == {"tasks": 2, "metric_throughput": 2}
    assert rows(
        settings, "select task_id, title, points, is_closed, closed_at from tasks order by task_id"
    ) == [
        (1, "Öffentlich <script>\"'", 1.5, 1, "2026-01-02T03:04:05Z"),
        (2, "", None, 0, None),
    ]
    assert rows(
        settings, "select distinct typeof(task_id), typeof(points) from tasks where points is not null"
    ) == [("integer", "real")]
    assert rows(
        settings, "select period_started_date, closed_tasks_count from metric_throughput order by 1"
    ) == [
        ("2026-01-05", 2),
        ("2026-01-12", None),
    ]


def test_nothing_private_is_in_the_file_not_even_in_its_free_pages(settings: Settings) -> None:
    export(settings)
    content = settings.metrics_path.read_bytes()
    assert "Öffentlich".encode() in content
    assert b"A secret" not in content
    assert b"in a closed space" not in content


def test_what_is_left_out_is_said_with_the_settings_that_would_include_it(settings: Settings) -> None:
    exported = export(settings)
    assert exported.left_out == {"users": 1, "another space": 1}
    (warning,) = exported.warnings
    assert "2 of 4 tasks are not published" in warning
    assert "DDD_EXPORT_POLICIES=public,users" in warning
    assert "DDD_EXPORT_SPACES" in warning


def test_indexes_and_search_are_as_the_yaml_asks(settings: Settings) -> None:
    export(settings)
    indexed = rows(
        settings, "select tbl_name, sql from sqlite_master where type = 'index' and sql is not null"
    )
    assert {(table, sql.partition(" on ")[2]) for table, sql in indexed} == {
        ("tasks", '"tasks" ("closed_at")'),
        ("metric_throughput", '"metric_throughput" ("project_phid", "period_started_date")'),
    }
    assert rows(settings, "select rowid from tasks_fts where tasks_fts match 'öffentlich'") == [(1,)]
    assert rows(settings, "select name from sqlite_master where name = 'internal'") == []


def test_the_file_describes_itself(settings: Settings) -> None:
    export(settings)
    assert rows(settings, "select model_name, model_kind, rows_count from catalog_models order by 1") == [
        ("metric_throughput", "metric", 2),
        ("tasks", "mart", 2),
    ]
    columns = rows(
        settings, "select column_name, description from catalog_columns where model_name = 'tasks'"
    )
    assert ("title", "The title.") in columns
    assert rows(settings, "select is_demo, as_of from about") == [(1, "2026-01-31T12:00:00Z")]


def test_a_warehouse_built_for_other_policies_is_not_exported(settings: Settings) -> None:
    from dataclasses import replace

    with pytest.raises(ExportError, match="other export settings"):
        export(replace(settings, export_policies=("nobody",)))
    assert not settings.metrics_path.exists()


def test_a_reader_of_the_old_file_is_not_disturbed(settings: Settings) -> None:
    export(settings)
    reader = sqlite3.connect(settings.metrics_path)
    cursor = reader.execute("select task_id from tasks order by task_id")
    assert cursor.fetchone() == (1,)
    export(settings)
    assert cursor.fetchall() == [(2,)]
    reader.close()


def test_a_file_that_somebody_writes_to_is_left_alone(settings: Settings) -> None:
    export(settings)
    before = settings.metrics_path.read_bytes()
    writer = sqlite3.connect(settings.metrics_path, isolation_level=None)
    writer.execute("begin immediate")
    with pytest.raises(ExportError, match="open for writing") as caught:
        export(settings)
    assert caught.value.remedy
    writer.execute("rollback")
    writer.close()
    assert settings.metrics_path.read_bytes() == before
    assert sorted(path.name for path in settings.www_dir.iterdir()) == ["exports", "metrics.db"]


def test_a_write_ahead_log_of_another_program_is_not_mixed_with_a_new_file(settings: Settings) -> None:
    export(settings)
    writer = sqlite3.connect(settings.metrics_path, isolation_level=None)
    writer.execute("pragma journal_mode = wal")
    writer.execute("create table mine (x)")
    with pytest.raises(ExportError, match="open for writing"):
        export(settings)
    writer.close()


def test_a_full_disk_leaves_the_old_file(settings: Settings) -> None:
    export(settings)
    before = settings.metrics_path.read_bytes()
    # a limit on the size of files is what a process can do to itself; the message is that of a full disk
    script = (
        "import resource, signal, sys; from pathlib import Path; from ddd.export import export;"
        "from ddd.settings import DEMO_SITE, Settings; from ddd.errors import ExportError;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000));"
        "settings = Settings(site=DEMO_SITE, data_dir=Path(sys.argv[1]), www_dir=Path(sys.argv[2]))\n"
        "try: export(settings)\n"
        "except ExportError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(settings.data_dir), str(settings.www_dir)],
        capture_output=True, text=True, check=True, cwd=PROJECT_DIR,
    )  # fmt: skip
    assert "could not be written" in done.stdout
    assert "the previous file is still in place" in done.stdout
    assert settings.metrics_path.read_bytes() == before
    assert sorted(path.name for path in settings.www_dir.iterdir()) == ["exports", "metrics.db"]


def test_a_folder_that_is_not_there_is_made_or_named(settings: Settings, tmp_path: Path) -> None:
    new = replace(settings, www_dir=tmp_path / "new" / "www")
    assert export(new).rows == export(settings).rows
    assert new.metrics_path.exists()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportError, match=r"cannot be created .*DATASETTE_DIR"):
        export(replace(settings, www_dir=tmp_path / "file" / "www"))


def test_nothing_built_yet_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="Run `dddcli build` first"):
        export(Settings(site=DEMO_SITE, data_dir=tmp_path, www_dir=tmp_path))


def test_an_index_on_a_column_that_is_not_there_is_refused(settings: Settings) -> None:
    manifest = json.loads(json.dumps(MANIFEST))
    manifest["nodes"]["tasks"]["config"]["meta"]["export"]["indexes"] = [["no_such_column"]]
    settings.manifest_path.write_text(json.dumps(manifest))
    with pytest.raises(ExportError, match="names the column no_such_column"):
        export(settings)


def test_two_exports_of_one_build_differ_in_nothing_but_the_time(settings: Settings) -> None:
    def dump() -> list[str]:
        connection = sqlite3.connect(settings.metrics_path)
        try:
            return [line for line in connection.iterdump() if 'INTO "about"' not in line]
        finally:
            connection.close()

    export(settings)
    first = dump()
    export(settings)
    assert dump() == first
    (exported_at,) = rows(settings, "select exported_at from about")[0]
    assert abs((datetime.fromisoformat(exported_at) - datetime.now(UTC)).total_seconds()) < 60


def test_each_file_has_its_models_and_says_what_it_holds(settings: Settings) -> None:
    manifest = json.loads(json.dumps(MANIFEST))
    manifest["nodes"]["metric_throughput"]["config"]["meta"]["export"]["file"] = "train.db"
    settings.manifest_path.write_text(json.dumps(manifest))
    exported = export(settings)
    assert {path.name: tables for path, tables in exported.tables.items()} == {
        "metrics.db": ["tasks"],
        "train.db": ["metric_throughput"],
    }
    for path, (table,) in exported.tables.items():
        published = read_published(path)
        assert list(published.models) == [table]
        assert published.models[table].rows_count == 2
        assert published.about.site_name == "demo"
    assert sorted(path.name for path in settings.www_dir.iterdir()) == ["exports", "metrics.db", "train.db"]


def test_one_file_that_cannot_be_replaced_leaves_both(settings: Settings) -> None:
    manifest = json.loads(json.dumps(MANIFEST))
    manifest["nodes"]["metric_throughput"]["config"]["meta"]["export"]["file"] = "train.db"
    settings.manifest_path.write_text(json.dumps(manifest))
    export(settings)
    before = settings.metrics_path.read_bytes()
    writer = sqlite3.connect(settings.trains_path, isolation_level=None)
    writer.execute("begin immediate")
    try:
        with pytest.raises(ExportError, match=r"train\.db open for writing"):
            export(settings)
    finally:
        writer.close()
    assert settings.metrics_path.read_bytes() == before


def test_a_file_outside_the_folder_is_refused(settings: Settings) -> None:
    manifest = json.loads(json.dumps(MANIFEST))
    manifest["nodes"]["metric_throughput"]["config"]["meta"]["export"]["file"] = "../train.db"
    settings.manifest_path.write_text(json.dumps(manifest))
    with pytest.raises(ExportError, match="names the file"):
        export(settings)
