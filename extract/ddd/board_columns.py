"""`dddcli metrics cache-columns`: projects with their boards into the warehouse, names into the cache."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb
from rich.console import Console

from ddd.access import connect, site_lock
from ddd.connecting import connected, project_phid_of
from ddd.errors import WarehouseError
from ddd.phab import Conduit, DataCache, PHIDRef, PHObject
from ddd.phab.errors import NotFoundError
from ddd.progress import progress_bar
from ddd.segments import Document, Segment, write_segment
from ddd.settings import Settings
from ddd.sources.phabricator import NAME, STREAMS
from ddd.sources.phabricator.demo_site import renew_demo
from ddd.sources.phabricator.references import REFERENCES, read_reference
from ddd.sources.runs import run_folder
from ddd.warehouse import Documents, StreamRun

_BATCH_SIZE = 100


@dataclass(frozen=True)
class BoardColumn:
    """A column of a workboard, with what decides about its role.

    Attributes:
        board_name: The project whose board it is on.
        sequence: Its place from the left; none on servers that do not tell.
        is_default: Whether tasks land in it when they are tagged; none on servers that do not tell.
        is_hidden: Whether it is archived; none on servers that do not tell.
        milestone_name: The milestone that it stands for; empty for a plain column.
        role: What it means for the figures, as the last build decided; empty where none did.
    """

    board_name: str
    column_name: str
    sequence: int | None
    is_default: bool | None
    is_hidden: bool | None
    milestone_name: str
    role: str


@dataclass
class Cached:
    """What was fetched.

    Attributes:
        columns: Board columns, by board and place.
        projects_count: Projects, sub-projects and milestones.
        changed_count: Documents that were new or changed in the warehouse.
        names_count: Names that were asked for and found.
    """

    columns: list[BoardColumn] = field(default_factory=list)
    projects_count: int = 0
    changed_count: int = 0
    names_count: int = 0
    warnings: list[str] = field(default_factory=list)


def cache_columns(settings: Settings, *, project: str | None, console: Console) -> Cached:
    """Fetch a project with its sub-projects and milestones, and the columns of all their boards.

    Args:
        settings: Which site.
        project: PHID or hashtag; all projects where none is given.
        console: Where to draw progress.

    Raises:
        DataError: The server or the warehouse cannot be used; nothing is changed then.
    """
    with site_lock(settings), connected(settings) as phab, progress_bar(console) as bar:
        if settings.site.is_demo:
            renew_demo(settings)
        shown = bar.add_task("Fetching projects and columns", total=None)
        streams = {"projects": Segment("projects"), "columns": Segment("columns")}
        started_at = datetime.now(UTC)
        for stream, constraints in _questions(phab, project, streams):
            method, params = REFERENCES[stream]
            asked = {**params, "constraints": {**params.get("constraints", {}), **constraints}}
            for page in read_reference(phab, stream, method, asked):
                streams[stream].add(page.documents)
                streams[stream].rejected.extend(page.rejected)
                bar.advance(shown, len(page.documents))
        if project is not None and not streams["projects"].documents:
            raise NotFoundError(
                f"{phab.url} knows no project {project}",
                "Check the PHID, and that the token's account may see the project",
            )
        cached = Cached(projects_count=len({one.key for one in streams["projects"].documents}))
        bar.update(shown, description="Landing projects and columns")
        cached.changed_count = _land(settings, phab, streams, started_at)
        projects, columns = (_rows(streams[name].documents) for name in ("projects", "columns"))
        bar.update(shown, description="Asking for names")
        cached.names_count = _cache_names(settings, phab, projects, columns)
    rejected = [one for segment in streams.values() for one in segment.rejected]
    if rejected:
        cached.warnings.append(f"{len(rejected)} documents are quarantined: {rejected[0].reason}")
    cached.columns = _described(projects, columns, _roles(settings))
    return cached


def _questions(
    phab: Conduit, project: str | None, streams: Mapping[str, Segment]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What to ask for, one after the other: whose columns is known only when the projects are there."""
    if project is None:
        yield "projects", {}
        yield "columns", {}
        return
    phid = project_phid_of(phab, project)
    yield "projects", {"phids": [phid]}
    yield "projects", {"ancestors": [phid]}
    phids = list(dict.fromkeys([phid, *(document.key for document in streams["projects"].documents)]))
    for start in range(0, len(phids), _BATCH_SIZE):
        yield "columns", {"projects": phids[start : start + _BATCH_SIZE]}


def _land(settings: Settings, phab: Conduit, streams: Mapping[str, Segment], started_at: datetime) -> int:
    with Documents(settings, NAME, STREAMS) as documents:
        run_id = documents.next_run_id()
        folder = run_folder(settings.segments_dir, run_id)
        try:
            folder.mkdir(parents=True)
            for segment in streams.values():
                write_segment(folder, "all", segment, started_at)
            changed_count = documents.land(folder, run_id)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        documents.record(
            [
                StreamRun(
                    run_id=run_id,
                    source=NAME,
                    stream=stream,
                    mode="partial",
                    started_at=started_at,
                    server_time_at=phab.server_time or started_at,
                    watermark_at=None,
                    requests_count=phab.requests_count if stream == "projects" else 0,
                    documents_count=len(segment.documents),
                    bytes_count=phab.bytes_count if stream == "projects" else 0,
                )
                for stream, segment in streams.items()
            ]
        )
    return changed_count


def _cache_names(
    settings: Settings,
    phab: Conduit,
    projects: Sequence[Mapping[str, Any]],
    columns: Sequence[Mapping[str, Any]],
) -> int:
    if settings.site.is_demo:
        settings.names_path.unlink(missing_ok=True)  # its address is another one each time
    refs: list[PHIDRef] = []
    for row in [*projects, *columns]:
        fields = row["fields"]
        others = [
            fields.get("proxyPHID"),
            *((fields.get(name) or {}).get("phid") for name in ("parent", "project")),
        ]
        refs += [phab.ref(phid) for phid in [row["phid"], *filter(None, others)]]
    with DataCache(settings.names_path) as cache:
        found = PHObject.resolve_phids(phab, cache)
    return len(found) if refs else 0


def _rows(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """The newest row of each object."""
    return list({document.key: json.loads(document.body) for document in documents}.values())


def _roles(settings: Settings) -> dict[str, str]:
    """Roles of columns by PHID, as the last build decided; nothing where there is none."""
    if not settings.warehouse_path.exists():
        return {}
    try:
        with connect(settings.warehouse_path, read_only=True, wait_seconds=0) as warehouse:
            rows = warehouse.execute("select column_phid, column_role from project_columns").fetchall()
    except (WarehouseError, duckdb.Error):
        return {}
    return {phid: role or "" for phid, role in rows}


def _project_name(fields: Mapping[str, Any]) -> str:
    """A project's name; that of a milestone with its parent's, because every project has a `2026 Q3`."""
    name, parent = str(fields.get("name") or ""), fields.get("parent")
    return f"{parent['name']} ({name})" if fields.get("milestone") is not None and parent else name


def _described(
    projects: Sequence[Mapping[str, Any]], columns: Sequence[Mapping[str, Any]], roles: Mapping[str, str]
) -> list[BoardColumn]:
    names = {row["phid"]: _project_name(row["fields"]) for row in projects}
    described = []
    for row in columns:
        fields = row["fields"]
        board, milestone = fields.get("project") or {}, fields.get("proxyPHID")
        described.append(
            BoardColumn(
                board_name=str(names.get(board.get("phid")) or board.get("name") or ""),
                column_name=str(fields.get("name") or names.get(milestone, "")),
                sequence=fields.get("sequence"),
                is_default=fields.get("isDefaultColumn"),
                # Wikimedia's older fork says it with a status
                is_hidden=fields.get("isHidden", {"0": False, "1": True}.get(str(fields.get("status")))),
                milestone_name=names.get(milestone, milestone) if milestone else "",
                role=roles.get(row["phid"], ""),
            )
        )
    return sorted(
        described,
        key=lambda one: (one.board_name, one.is_hidden or False, one.sequence or 0, one.column_name),
    )
