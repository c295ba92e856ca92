"""A task as it is at a moment, and as maniphest.search shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ddd.demo.organisation.projects import PUBLIC_SPACE, Column, Project
from ddd.demo.organisation.wire import nullable, phid_list, quoted

OPEN = ("open", "progress", "stalled")
STATUS_NAMES = {
    "open": "Open",
    "progress": "In Progress",
    "stalled": "Stalled",
    "resolved": "Resolved",
    "declined": "Declined",
    "invalid": "Invalid",
    "duplicate": "Duplicate",
    "spite": "Spite",
}
CLAIMING = ("resolved", "declined")
"""Closing with one of these makes the closer the owner where there was none."""

PRIORITIES = {
    100: ("Unbreak Now!", "unbreak", "UBN!", "pink"),
    90: ("Needs Triage", "triage", "Triage", "violet"),
    80: ("High", "high", "High", "red"),
    50: ("Medium", "medium", "Medium", "orange"),
    25: ("Low", "low", "Low", "yellow"),
    10: ("Lowest", "lowest", "Lowest", "sky"),
}
DEFAULT_PRIORITY = 90

CUSTOM_FIELDS = (
    "release.version",
    "release.date",
    "train.status",
    "train.backup",
    "deadline.due",
    "points.final",
)

SUBTYPE_NAMES = {
    "default": "Task",
    "bug": "Bug Report",
    "error": "Production Error",
    "feature": "Feature Request",
    "release": "Release",
}

_SPECIAL = {"open": "default", "resolved": "closed", "duplicate": "duplicate"}

STATUS_DOCUMENTS = tuple(
    f'{{"name":{quoted(name)},"value":"{value}","closed":{"false" if value in OPEN else "true"}'
    + (f',"special":"{_SPECIAL[value]}"}}' if value in _SPECIAL else "}")
    for value, name in STATUS_NAMES.items()
)

PRIORITY_DOCUMENTS = tuple(
    f'{{"name":{quoted(name)},"keywords":["{keyword}"],"short":{quoted(short)},'
    f'"color":"{color}","value":{value}}}'
    for value, (name, keyword, short, color) in PRIORITIES.items()
)

_STATUS_JSON = {
    value: f'{{"value":"{value}","name":{quoted(name)},"color":null}}' for value, name in STATUS_NAMES.items()
}
_PRIORITY_JSON = {
    value: f'{{"value":{value},"name":{quoted(name)},"color":"{color}"}}'
    for value, (name, _, _, color) in PRIORITIES.items()
}


@dataclass(slots=True, eq=False)
class Task:
    """A task's present state; `id` is 0 until it is created.

    Attributes:
        board: The project whose board it is worked on.
        milestones: The milestones that it may be planned into.
        points: The estimate, as transactions hold it.
        custom: JSON text of each custom field that is set.
        positions: Where it stands on each board, or stood while tagged with it, by the PHID of the board.
    """

    phid: str
    title: str
    board: Project | None
    milestones: tuple[Project, ...] = ()
    id: int = 0
    description: str = ""
    author: str = ""
    owner: str | None = None
    owner_name: str = ""
    status: str = "open"
    priority: int = DEFAULT_PRIORITY
    points: float | int | None = None
    subtype: str = "default"
    closer: str | None = None
    closed: int | None = None
    created: int = 0
    modified: int = 0
    view_policy: str = "public"
    edit_policy: str = "users"
    space: str = PUBLIC_SPACE
    custom: dict[str, str] = field(default_factory=dict)
    projects: list[Project] = field(default_factory=list)
    positions: dict[str, Column] = field(default_factory=dict)
    subscribers: list[str] = field(default_factory=list)
    parents: list[Task] = field(default_factory=list)
    mentions: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Number and title, as sentences name a task."""
        return f"T{self.id}: {self.title}"

    @property
    def is_open(self) -> bool:
        """Whether its status is an open one."""
        return self.status in OPEN

    def document(self) -> str:
        """Its row in maniphest.search, with the attachments columns, projects and subscribers."""
        custom = self.custom
        tagged = {project.phid for project in self.projects}
        customs = ",".join(f'"custom.{name}":{custom.get(name, "null")}' for name in CUSTOM_FIELDS)
        boards = ",".join(
            f'"{board_phid}":{{"columns":[{{"id":{column.id},"phid":"{column.phid}","name":{quoted(column.name)}}}]}}'
            for board_phid, column in self.positions.items()
            if board_phid in tagged
        )
        points = f'"{self.points}"' if self.points is not None else "null"
        closed = self.closed if self.closed is not None else "null"
        view = self.view_policy
        return (
            f'{{"id":{self.id},"type":"TASK","phid":"{self.phid}","fields":{{"name":{quoted(self.title)},'
            f'"description":{{"raw":{quoted(self.description)}}},"authorPHID":"{self.author}",'
            f'"ownerPHID":{nullable(self.owner)},"status":{_STATUS_JSON[self.status]},'
            f'"priority":{_PRIORITY_JSON[self.priority]},"points":{points},"subtype":"{self.subtype}",'
            f'"closerPHID":{nullable(self.closer)},"dateClosed":{closed},"groupByProjectPHID":null,'
            f'"spacePHID":"{self.space}","dateCreated":{self.created},"dateModified":{self.modified},'
            f'"policy":{{"view":"{view}","interact":"{view}","edit":"{self.edit_policy}"}},{customs}}},'
            f'"attachments":{{"columns":{{"boards":{f"{{{boards}}}" if boards else "[]"}}},'
            f'"projects":{{"projectPHIDs":{phid_list([project.phid for project in self.projects])}}},'
            f'"subscribers":{{"subscriberPHIDs":{phid_list(self.subscribers)},'
            f'"subscriberCount":{len(self.subscribers)},"viewerIsSubscribed":false}}}}}}'
        )
