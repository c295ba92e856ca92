from __future__ import annotations

import json

import pytest
from built_warehouse import Warehouse, build_warehouse, settings_in
from documents_file import Document, write_documents
from hidden_histories import SWEEPS, hidden_documents
from odd_histories import AS_OF, odd_documents
from reference.installation import Installation
from searched_histories import searched_documents
from worked_deployments import with_worked_deployments

from ddd.impact.statements import compiled_steps
from ddd.sources import delivery
from recorded import RECORDED_AT, recordings, require_shared


@pytest.fixture(scope="session")
def recorded_documents() -> list[Document]:
    """Every document of the group full-baseline."""
    documents = []
    for recording in recordings(require_shared(), "full-baseline"):
        kind = recording.name.removeprefix("full/").rstrip("0123456789").rstrip("_")
        result = json.loads(recording.body)["result"]
        if kind == "gtt":
            documents += [
                Document("transactions", json.dumps(row)) for rows in result.values() for row in rows
            ]
        elif kind in {"tasks", "projects", "columns", "users", "statuses", "priorities"}:
            documents += [Document(kind, json.dumps(row)) for row in result["data"]]
    return documents


@pytest.fixture(scope="session")
def recorded_installation(recorded_documents: list[Document]) -> Installation:
    """The same documents, understood by the reference."""
    return Installation.of((document.stream, document.text) for document in recorded_documents)


@pytest.fixture(scope="session")
def recorded_warehouse(
    recorded_documents: list[Document], tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    """The models of the recorded installation, whose tasks and projects have the policy `users`.

    Tasks whose custom field `mood` is ticked, or that have a `release.date`, count as changes to the process.
    """
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "own").mkdir()
    (folder / "own" / "settings.csv").write_text(
        "setting,project,value\nprocess_change_fields,,mood; custom.release.date\n"
    )
    settings = settings_in(folder, "public", "users", settings_dir=folder / "own")
    write_documents(settings, recorded_documents, RECORDED_AT)
    return build_warehouse(settings)


@pytest.fixture(scope="session")
def odd_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The models of histories written by hand, all shapes that old and strange servers send."""
    folder = tmp_path_factory.mktemp("odd")
    settings = with_worked_deployments(settings_in(folder, "public"), folder)
    documents = [*odd_documents(), *hidden_documents(), *searched_documents()]
    write_documents(settings, documents, AS_OF, SWEEPS)
    delivery.SOURCE.extract(settings)
    return build_warehouse(settings)


@pytest.fixture(scope="session")
def impact_steps(odd_warehouse: Warehouse) -> list[tuple[str, str]]:
    """The SQL that judges changes, as dbt compiled it."""
    folder = odd_warehouse.path.parent.parent
    return compiled_steps(settings_in(folder, "public").manifest_path)
