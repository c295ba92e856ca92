"""Deployments from files and from tags: what is kept, what is noticed, and what is said of bad input."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ddd.errors import SourceError
from ddd.settings import Settings, Site
from ddd.source_settings import DeliverySettings
from ddd.sources import delivery
from repository import Repository

HEADER = "deployment_id,deployed_at,outcome,commits,deployed_by\n"
ROW_1 = "1,2026-03-02T10:00:00Z,success,a@2026-03-01T10:00:00Z,ada@example.org\n"
ROW_2 = "2,2026-03-03T10:00:00+01:00,Rolled-Back,,Ada\n"


@pytest.fixture
def deployments(tmp_path: Path) -> Path:
    path = tmp_path / "deployments.csv"
    path.write_text(HEADER + ROW_1 + ROW_2)
    return path


@pytest.fixture
def settings(tmp_path: Path, deployments: Path) -> Settings:
    site = Site("deployments", "", "")
    return Settings(site, data_dir=tmp_path / "data", delivery=DeliverySettings(file=deployments))


def documents(settings: Settings, stream: str = "deployments") -> dict[str, dict[str, Any]]:
    """The newest document of every key that is still there."""
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        rows = connection.execute(
            f"select key, arg_max(document, batch) from raw.delivery_{stream} where key not in ("
            "select key from raw.visibility_changes group by key having not arg_max(is_visible, batch)"
            ") group by key order by key"
        ).fetchall()
    return {key: json.loads(text) for key, text in rows}


def quarantined(settings: Settings) -> list[tuple[str, str]]:
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        return connection.execute(
            "select key, reason from raw.quarantine where resolved_at is null order by reason"
        ).fetchall()


def epoch(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


def test_a_csv_and_the_same_in_ndjson_give_the_same_documents(settings: Settings, tmp_path: Path) -> None:
    delivery.SOURCE.extract(settings)
    found = documents(settings)
    assert found["default/production/1"] == {
        "origin": "file",
        "pipeline": "default",
        "environment": "production",
        "deployment_id": "1",
        "deployed_at": epoch(2026, 3, 2, 10),
        "outcome": "success",
        "deployed_by": "ada",
        "commits": [{"id": "a", "authored_at": epoch(2026, 3, 1, 10)}],
    }
    assert found["default/production/2"]["deployed_at"] == epoch(2026, 3, 3, 9)
    assert found["default/production/2"]["outcome"] == "rolled back"
    lines = tmp_path / "deployments.ndjson"
    rows = [
        {
            "deployment_id": 1,
            "deployed_at": "2026-03-02T10:00:00Z",
            "outcome": "success",
            "commits": [{"id": "a", "authored_at": "2026-03-01T10:00:00Z"}],
            "deployed_by": "ada@example.org",
        },
        {
            "deployment_id": "2",
            "deployed_at": "2026-03-03T09:00:00",
            "outcome": "rolled back",
            "deployed_by": "Ada",
        },
    ]
    lines.write_text("\n".join(map(json.dumps, rows)))
    again = delivery.SOURCE.extract(replace(settings, delivery=DeliverySettings(file=lines)))
    assert (again.changed_count, documents(settings)) == (0, found)


def test_what_changed_is_kept_again_and_what_was_taken_out_is_gone(
    settings: Settings, deployments: Path
) -> None:
    assert delivery.SOURCE.extract(settings).changed_count == 2
    assert delivery.SOURCE.extract(settings).changed_count == 0
    deployments.write_text(HEADER + ROW_1.replace("success", "failed"))
    changed = delivery.SOURCE.extract(settings)
    assert (changed.changed_count, changed.gone_count) == (1, 1)
    assert [one["outcome"] for one in documents(settings).values()] == ["failed"]
    deployments.write_text(HEADER + ROW_1 + ROW_2)
    assert delivery.SOURCE.extract(settings).again_count == 1
    assert len(documents(settings)) == 2


def test_a_bad_row_is_quarantined_with_its_line_and_what_was_known_stays(
    settings: Settings, deployments: Path
) -> None:
    delivery.SOURCE.extract(settings)
    bad = ROW_2.replace("Rolled-Back", "so-so")
    deployments.write_text(
        HEADER + ROW_1 + bad + ",2026-03-04T10:00:00Z,,,\n3,2026-03-04,,,bob@example.org\n1,2,3,4,5,6\n"
    )
    extracted = delivery.SOURCE.extract(settings)
    assert extracted.gone_count == 0
    assert documents(settings)["default/production/2"]["outcome"] == "rolled back"
    assert quarantined(settings) == [
        (
            "default/production/2",
            "deployments.csv, line 3: outcome 'so-so' is none of success, failed, rolled back",
        ),
        ("", "deployments.csv, line 4: deployment_id is missing"),
        ("default/production/3", "deployments.csv, line 5: deployed_at '2026-03-04' lacks the time of day"),
        ("", "deployments.csv, line 6: 6 cells, but 5 columns"),
    ]
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        assert connection.execute(
            "select count(*) from raw.quarantine where document like '%@%'"
        ).fetchone() == (0,)
    deployments.write_text(HEADER + ROW_1 + ROW_2)
    delivery.SOURCE.extract(settings)
    assert quarantined(settings) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read (No such file or directory). Check DELIVERY_FILE"),
        ("", "is empty"),
        (
            "deployment_id,deployed_on\n1,2026-03-02T10:00:00Z\n",
            "has a column 'deployed_on'. Did you mean 'deployed_at'?",
        ),
        (
            "id,when\n1,2026-03-02T10:00:00Z\n",
            "has no column 'deployment_id' and no 'deployed_at'; it has id, when",
        ),
        ("deployment_id,deployed_at\n1,02.03.2026\n", "No row of"),
        ('{"deployment_id": "1"\n', "No row of"),
    ],
)
def test_a_wrong_file_is_one_line_and_changes_nothing(
    settings: Settings, deployments: Path, text: str | None, message: str
) -> None:
    delivery.SOURCE.extract(settings)
    before = documents(settings)
    if text is None:
        deployments.unlink()
    else:
        deployments.write_text(text)
    with pytest.raises(SourceError) as raised:
        delivery.SOURCE.extract(settings)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert documents(settings) == before


def test_a_later_row_of_an_incident_replaces_the_earlier_one(settings: Settings, tmp_path: Path) -> None:
    incidents = tmp_path / "incidents.csv"
    incidents.write_text(
        "incident_id,started_at,resolved_at\nI1,2026-03-02T11:00:00Z,\nI1,2026-03-02T11:00:00Z,2026-03-02T12:00:00Z\n"
    )
    delivered = replace(settings.delivery, incidents_file=incidents)
    delivery.SOURCE.extract(replace(settings, delivery=delivered))
    assert documents(settings, "incidents") == {
        "I1": {
            "pipeline": "default",
            "environment": "production",
            "incident_id": "I1",
            "started_at": epoch(2026, 3, 2, 11),
            "resolved_at": epoch(2026, 3, 2, 12),
        }
    }


DAY_1 = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return DAY_1 + timedelta(days=number - 1)


def written(repository: Repository, text: str, number: int, message: str) -> str:
    """Commit a file of its own; returns the commit's id."""
    (repository.folder / text).write_text(text)
    repository.git("add", text)
    repository.git("commit", "--quiet", "--message", message, at=day(number))
    return repository.git("rev-parse", "HEAD")


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """Two releases from the main branch, and a hotfix that was picked from it before the second."""
    shop = Repository(tmp_path / "shop")
    written(shop, "first", 1, "First")
    shop.git("tag", "-a", "v1.0", "-m", "1.0", at=day(2))
    fix = written(shop, "fix", 3, "Fix\n\nChange-Id: I0123456789abcdef0123456789abcdef01234567")
    shop.git("checkout", "--quiet", "-b", "hotfix", "v1.0")
    (shop.folder / "fix").write_text("fix")
    shop.git("add", "fix")
    message = (
        "Fix\n\nChange-Id: I0123456789abcdef0123456789abcdef01234567\n(cherry picked from commit " + fix + ")"
    )
    shop.git("commit", "--quiet", "--message", message, at=day(4))
    shop.git("tag", "-a", "v1.0.1", "-m", "1.0.1", at=day(5))
    shop.git("checkout", "--quiet", "-b", "feature", "master")
    written(shop, "one", 6, "One")
    written(shop, "two", 7, "Two")
    shop.git("checkout", "--quiet", "master")
    shop.git("merge", "--quiet", "--squash", "feature", at=day(8))
    shop.git("commit", "--quiet", "--no-edit", at=day(8))
    shop.git("tag", "v1.1", at=day(9))
    return shop


@pytest.fixture
def tagged(settings: Settings, shop: Repository) -> Settings:
    return replace(settings, delivery=DeliverySettings(repo=str(shop.folder)))


def lead_days(document: dict[str, Any]) -> list[float]:
    return sorted((document["deployed_at"] - one["authored_at"]) / 86400 for one in document["commits"])


def test_picked_and_squashed_commits_keep_their_lead_time(tagged: Settings) -> None:
    """The pick of day 4 was written on day 3, the squash of day 8 on day 6; a lightweight tag has day 8."""
    delivery.SOURCE.extract(tagged)
    found = documents(tagged)
    assert list(found) == ["shop/production/v1.0", "shop/production/v1.0.1", "shop/production/v1.1"]
    first, hotfix, second = found.values()
    assert "commits" not in first
    assert lead_days(hotfix) == [2]
    assert lead_days(second) == [2, 5]
    changes = [{one["change"] for one in document["commits"]} for document in (hotfix, second)]
    assert changes[0] < changes[1]


def test_moved_and_deleted_tags_are_noticed(tagged: Settings, shop: Repository) -> None:
    delivery.SOURCE.extract(tagged)
    assert delivery.SOURCE.extract(tagged).changed_count == 0
    shop.git("tag", "-d", "v1.0.1")
    shop.git("tag", "-f", "-a", "v1.1", "-m", "again", at=day(20))
    moved = delivery.SOURCE.extract(tagged)
    assert (moved.changed_count, moved.gone_count) == (1, 1)
    assert documents(tagged)["shop/production/v1.1"]["deployed_at"] == epoch(2026, 1, 20)


def test_tags_of_an_address_are_those_of_the_folder(tagged: Settings, shop: Repository) -> None:
    delivery.SOURCE.extract(tagged)
    expected = documents(tagged)
    followed = replace(tagged, delivery=DeliverySettings(repo=f"file://{shop.folder}"))
    assert delivery.SOURCE.extract(followed).changed_count == 0
    shop.git("tag", "-d", "v1.1")
    assert delivery.SOURCE.extract(followed).gone_count == 1
    assert documents(tagged) == {key: one for key, one in expected.items() if not key.endswith("v1.1")}


def test_no_repository_is_one_line(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"is not a git repository\. Set DELIVERY_REPO"):
        delivery.SOURCE.extract(replace(settings, delivery=DeliverySettings(repo=str(tmp_path))))
