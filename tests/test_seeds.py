"""An installation's own settings beside those that come along, and what is said when they make no sense."""

import csv
import re
from pathlib import Path

import pytest
import yaml

from ddd.errors import SettingsError
from ddd.seeds import SEEDS_DIR, put_together
from ddd.settings import PROJECT_DIR, load_settings


def read(path: Path) -> list[list[str]]:
    with path.open(newline="") as lines:
        return list(csv.reader(lines))


def test_own_settings_go_before_the_tracked_ones_and_roles_replace_them(tmp_path: Path) -> None:
    own, result = tmp_path / "own", tmp_path / "result"
    own.mkdir()
    (own / "settings.csv").write_text(
        "\ufeffsetting,project,value\ntime_zone,,Europe/Berlin\nclock_start,Team A,column\n"
        'excluded_subtypes,,"bug, spike"\n',
        encoding="utf-8",
    )
    (own / "status_roles.csv").write_text("priority,pattern,role\n1,^doing$,in progress\n")
    put_together(own, result)
    tracked, found = read(SEEDS_DIR / "settings.csv"), read(result / "settings.csv")
    assert found[0] == ["setting", "project", "value"]
    assert len(found) == len(tracked) + 1
    assert [row for row in found if row[0] == "time_zone"] == [["time_zone", "", "Europe/Berlin"]]
    assert [row[1:] for row in found if row[0] == "clock_start"] == [
        ["", "status or column"],
        ["Team A", "column"],
    ]
    assert ["excluded_subtypes", "", "bug, spike"] in found
    assert read(result / "status_roles.csv") == [
        ["priority", "pattern", "role"],
        ["1", "^doing$", "in progress"],
    ]
    assert read(result / "column_roles.csv") == read(SEEDS_DIR / "column_roles.csv")

    (own / "status_roles.csv").unlink()
    put_together(own, result)
    assert read(result / "status_roles.csv") == read(SEEDS_DIR / "status_roles.csv")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("setings.csv", b"setting,project,value\n", r"setings.csv is not a file of settings.*settings.csv"),
        ("settings.csv", b"setting;project;value\n", r"does not begin with the line setting,project,value"),
        ("settings.csv", b"", r"does not begin with the line setting,project,value"),
        ("settings.csv", b"setting,project,value\nexcluded_subtypes,,bug,spike\n", r"4 cells instead of 3"),
        ("settings.csv", b"setting,project,value\ntime_zone,,\xff\n", r"cannot be read"),
    ],
)
def test_files_that_make_no_sense_are_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / name).write_bytes(content)
    with pytest.raises(SettingsError, match=said):
        put_together(own, tmp_path / "result")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = load_settings({"DDD_SETTINGS_DIR": str(tmp_path / "nowhere")}, home=tmp_path)
    assert settings.settings_dir is not None
    with pytest.raises(SettingsError, match=r"DDD_SETTINGS_DIR names .*nowhere, which is no folder"):
        put_together(settings.settings_dir, tmp_path / "result")


def test_every_setting_is_documented_with_its_default() -> None:
    """The tracked file, the macro that knows the settings and the page for people say the same."""
    macro = (PROJECT_DIR / "dbt_project" / "macros" / "settings.sql").read_text()
    known = dict(re.findall(r"'(\w+)': \{\s*'kind': '[\w ]+', 'default': '([^']*)'", macro))
    page = (PROJECT_DIR / "docs" / "settings.md").read_text()
    documented = dict(re.findall(r"^\| `([a-z_]+)` \|\s*`?([^|`]*?)`?\s*\| (?:yes|no) \|", page, re.M))
    assert documented == known
    tracked = read(SEEDS_DIR / "settings.csv")[1:]
    assert {(setting, project): value for setting, project, value in tracked} == {
        (setting, ""): value for setting, value in known.items()
    }
    assert len(known) > 10


def test_numbers_that_move_are_written_down_for_people_and_for_verdicts() -> None:
    """The changelog and definition_changes.csv tell of the same days."""
    log = (PROJECT_DIR / "CHANGELOG.md").read_text()
    parts = [part.partition("\n#")[0] for part in log.split("### Numbers that move")[1:]]
    told = {day for part in parts for day in re.findall(r"since (\d{4}-\d{2}-\d{2})", part)}
    assert told
    assert {row[1] for row in read(SEEDS_DIR / "definition_changes.csv")[1:]} == told


def test_an_installation_adds_its_own_changes_of_definitions(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    columns, *tracked = read(SEEDS_DIR / "definition_changes.csv")
    added = ["metric_cycle_time", "2026-03-02", "later weeks", "reviews are tasks of their own"]
    (tmp_path / "own" / "definition_changes.csv").write_text(f"{','.join(columns)}\n{','.join(added)}\n")
    put_together(tmp_path / "own", tmp_path / "result")
    assert read(tmp_path / "result" / "definition_changes.csv") == [columns, *tracked, added]


def test_a_measure_has_the_unit_of_the_column_that_it_is() -> None:
    """By the unit it is known what a value can be: a share is between 0 and 1."""
    models = PROJECT_DIR / "dbt_project" / "models"
    units: dict[tuple[str, str], str] = {}
    for path in (models / "metrics").glob("*__models.yml"):
        for model in yaml.safe_load(path.read_text())["models"]:
            for column in model["columns"]:
                unit = column.get("config", {}).get("meta", {}).get("unit", "")
                is_share = column["name"].endswith("_share")
                units[model["name"], column["name"]] = "share" if is_share else unit
    columns = dict(
        re.findall(
            r"'([^']+)' as measure,\s+period_started_date as week_started_date,\s+cast\((\w+) as double\)",
            (models / "intermediate" / "int_impact_weeks.sql").read_text(),
        )
    )
    rows = read(SEEDS_DIR / "impact_measures.csv")
    measures = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert columns.keys() == {one["measure"] for one in measures}
    for one in measures:
        assert one["unit"] == units[one["metric_name"], columns[one["measure"]]], one["measure"]
