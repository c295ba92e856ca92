"""Histories from a file: an answer that somebody saved, instead of a server that can be asked.

It holds what `maniphest.gettasktransactions` answers, or Wikimedia's `maniphest.project.task.transactions`,
whose rows have `action` besides: the whole envelope or its result alone, rows by task id.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from ddd.errors import AnswerFileError
from ddd.phab.errors import redact
from ddd.segments import Document, Rejected
from ddd.sources.phabricator.answers import split_history

_REMEDY = (
    "Save one with: dddcli request maniphest.gettasktransactions '{\"ids\": [1]}' > answer.json "
    "(or the answer of maniphest.project.task.transactions)"
)


@dataclass(frozen=True)
class Histories:
    """What a file holds.

    Attributes:
        task_ids: Its tasks.
        documents: Their transactions, each as it stands in the file.
        rejected: Rows that cannot be read, with the reason.
        newest_change_at: When the newest of all changes in the file was made, UTC.
        is_by_project: Whether they are those that mention the project that was asked for.
    """

    task_ids: list[int]
    documents: list[Document]
    rejected: list[Rejected]
    newest_change_at: datetime
    is_by_project: bool


def read_answer_file(
    path: Path, *, projects: Sequence[str] = (), task_ids: Collection[int] = ()
) -> Histories:
    """Read a file and choose tasks from it.

    Args:
        path: The file.
        projects: Only tasks with a change that mentions one of these PHIDs; all where none is given, or none
            is mentioned: then the file is the answer about that project. A file cannot explain hashtags.
        task_ids: Only these tasks; all where none is given.

    Raises:
        AnswerFileError: It cannot be read, is not such an answer, or holds none of those tasks.
    """
    body = _read(path)
    answer = _decoded(path, body)
    is_envelope = isinstance(answer, dict) and "result" in answer
    if is_envelope and answer.get("error_code"):
        said = redact(" ".join(str(answer.get("error_info") or "").split()))[:200]
        raise AnswerFileError(f"{path} holds an error of the server: {answer['error_code']} {said}", _REMEDY)
    rows_by_task = _rows_by_task(path, answer["result"] if is_envelope else answer)
    mentioning = {
        task for task, rows in rows_by_task.items() if any(phid in json.dumps(rows) for phid in projects)
    }
    chosen = {task for task in mentioning or rows_by_task.keys() if not task_ids or int(task) in task_ids}
    if not chosen:
        raise AnswerFileError(
            f"{path} has none of the tasks that were asked for, of {len(rows_by_task)} that it has",
            "Leave --task-ids out to take all",
        )
    try:
        page = split_history(body if is_envelope else b'{"result":%s}' % body)
    except (msgspec.DecodeError, ValueError) as error:
        raise AnswerFileError(f"{path} is not an answer with histories ({error})", _REMEDY) from None
    tasks = [_task_of(document) for document in page.documents]
    newest_epoch = max((document.modified_epoch or 0 for document in page.documents), default=0)
    return Histories(
        task_ids=sorted(map(int, chosen)),
        documents=[one for one, task in zip(page.documents, tasks, strict=True) if task in chosen],
        rejected=[
            *page.rejected,
            *(
                Rejected(
                    "transactions", one.key, one.body.decode(), "The row does not say of which task it is"
                )
                for one, task in zip(page.documents, tasks, strict=True)
                if task not in rows_by_task
            ),
        ],
        newest_change_at=datetime.fromtimestamp(newest_epoch, UTC),
        is_by_project=bool(mentioning),
    )


def _task_of(document: Document) -> str:
    return str(json.loads(document.body).get("taskID"))


def _read(path: Path) -> bytes:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise AnswerFileError(
            f"{path} cannot be read ({error.strerror})", "Check its name and permissions"
        ) from None
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not body:
        raise AnswerFileError(f"{path} is empty", _REMEDY)
    if body.startswith(b"<"):
        raise AnswerFileError(f"{path} is a web page, not a server's answer in JSON", _REMEDY)
    return body


def _decoded(path: Path, body: bytes) -> Any:
    try:
        return json.loads(body)
    except UnicodeDecodeError:
        raise AnswerFileError(f"{path} is not text in UTF-8", _REMEDY) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise AnswerFileError(f"{path} is not JSON: {error.msg} at {place}", _REMEDY) from None
    except RecursionError:
        raise AnswerFileError(f"{path} is nested too deeply", _REMEDY) from None


def _rows_by_task(path: Path, result: Any) -> dict[str, list[dict[str, Any]]]:
    """The result as a map of task ids to rows, when it is one."""
    if result is None or result in ([], {}):
        raise AnswerFileError(f"{path} has no histories in it", _REMEDY)
    is_by_task = isinstance(result, dict) and all(
        task.isdecimal() and isinstance(rows, list) for task, rows in result.items()
    )
    if is_by_task and any(_is_change(row) for rows in result.values() for row in rows):
        return dict(result)
    kind = _kind(result)
    raise AnswerFileError(f"{path} is not an answer with histories{kind}", _REMEDY)


def _is_change(row: Any) -> bool:
    return isinstance(row, dict) and "transactionType" in row and "taskID" in row


def _kind(result: Any) -> str:
    if isinstance(result, dict) and isinstance(result.get("data"), list):
        return ", but a page of some search"
    if isinstance(result, dict) and result:
        return f", but an object with {', '.join(list(map(str, result))[:3])}"
    return ""
