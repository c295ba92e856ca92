"""The rows that the common searches return, as types; field by field as the server sends them."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from ddd.phab.phids import PHIDRef


class Text(TypedDict):
    """A text in Remarkup."""

    raw: str


class Status(TypedDict):
    """A task's status; `value` is the key, such as `open`."""

    value: str
    name: str
    color: str | None


class Priority(TypedDict):
    """A task's priority; `value` is a number such as 90, higher is more urgent."""

    value: int
    name: str
    color: str | None


class TaskFields(TypedDict):
    """Fields of a task. Times are seconds since 1970; custom fields follow as `custom.<key>`."""

    name: str
    description: Text
    authorPHID: PHIDRef
    ownerPHID: PHIDRef | None
    status: Status
    priority: Priority
    points: str | None
    subtype: str
    closerPHID: PHIDRef | None
    dateClosed: int | None
    spacePHID: PHIDRef | None
    dateCreated: int
    dateModified: int
    policy: dict[str, str]


class TaskRow(TypedDict):
    """A row of `maniphest.search`."""

    id: int
    type: str
    phid: PHIDRef
    fields: TaskFields
    attachments: dict[str, Any]


class ProjectFields(TypedDict):
    """Fields of a project; a milestone has a number, a parent and no slug."""

    name: str
    slug: str | None
    subtype: NotRequired[str]
    milestone: int | None
    depth: int
    parent: dict[str, Any] | None
    icon: dict[str, Any]
    color: dict[str, Any]
    spacePHID: PHIDRef | None
    dateCreated: int
    dateModified: int
    policy: dict[str, str]
    description: str | None


class ProjectRow(TypedDict):
    """A row of `project.search`."""

    id: int
    type: str
    phid: PHIDRef
    fields: ProjectFields
    attachments: dict[str, Any]


class ColumnFields(TypedDict):
    """Fields of a workboard column; older servers leave the last three out."""

    name: str
    project: dict[str, Any]
    proxyPHID: PHIDRef | None
    dateCreated: int
    dateModified: int
    policy: dict[str, str]
    isHidden: NotRequired[bool]
    isDefaultColumn: NotRequired[bool]
    sequence: NotRequired[int]


class ColumnRow(TypedDict):
    """A row of `project.column.search`."""

    id: int
    type: str
    phid: PHIDRef
    fields: ColumnFields
    attachments: dict[str, Any]


class UserFields(TypedDict):
    """Fields of a user; `roles` holds words such as `disabled`, `bot`, `admin`."""

    username: str
    realName: str
    roles: list[str]
    dateCreated: int
    dateModified: int
    policy: dict[str, str]


class UserRow(TypedDict):
    """A row of `user.search`."""

    id: int
    type: str
    phid: PHIDRef
    fields: UserFields
    attachments: dict[str, Any]


class TransactionRow(TypedDict):
    """A row of `transaction.search`; `type` is null where this server does not tell."""

    id: int
    phid: PHIDRef
    type: str | None
    authorPHID: PHIDRef
    objectPHID: PHIDRef
    dateCreated: int
    dateModified: int
    groupID: str | None
    comments: list[dict[str, Any]]
    fields: dict[str, Any]


class HistoryRow(TypedDict):
    """A row of `maniphest.gettasktransactions`, which has texts for numbers."""

    taskID: str
    transactionID: str
    transactionPHID: PHIDRef
    transactionType: str
    oldValue: Any
    newValue: Any
    meta: dict[str, Any]
    comments: str | None
    authorPHID: PHIDRef
    dateCreated: str
