"""A task as it stood at the end of each second in which something changed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from reference.changes import Change, changes_of
from reference.installation import Installation


@dataclass(frozen=True)
class Moment:
    """How a task stands at the end of a second."""

    at: int
    status: str
    priority: str
    owner: str | None
    tags: frozenset[str]
    columns: dict[str, str]
    """Column per board."""


class Replay:
    """The state of one task while its changes go by."""

    def __init__(self, installation: Installation, task_id: int) -> None:
        self.installation = installation
        self.task_id = task_id
        self.changes = changes_of(installation, task_id)
        fields = installation.tasks[task_id]["fields"]
        self.status = self._first_status() or fields["status"]["value"]
        self.priority = self._first("priority") or str(fields["priority"]["value"])
        owners = [change for change in self.changes if change.kind == "owner"]
        self.owner: str | None = owners[0].old if owners else fields["ownerPHID"]
        self.tagged_since = {
            project: installation.created_at(task_id)
            for project in self._projects()
            if self._has_tag_from_the_beginning(project)
        }
        """The tags that the task has, with the second in which each was added."""
        self.positions: dict[str, str] = {}
        """Where the task was moved to last, by board; also on boards that it is no longer on."""

    def moments(self) -> list[Moment]:
        """The moments, from the creation on."""
        created_at = self.installation.created_at(self.task_id)
        by_second = {at: list(changes) for at, changes in groupby(self.changes, key=lambda one: one.at)}
        boards_made = {
            one["fields"]["dateCreated"]
            for one in self.installation.columns.values()
            if one["fields"]["isDefaultColumn"] and one["fields"]["dateCreated"] > created_at
        }
        moments = []
        for at in sorted({created_at, *by_second, *boards_made}):
            self._apply(at, by_second.get(at, []))
            moments.append(
                Moment(
                    at,
                    self.status,
                    self.priority,
                    self.owner,
                    frozenset(self.tagged_since),
                    self._columns(at),
                )
            )
        return moments

    # values before the first change: "take the first `old` value, else the current one" (design §4)

    def _first(self, kind: str) -> str | None:
        values = [value for one in self.changes if one.kind == kind for value in (one.old, one.new)]
        return next((value for value in values if value is not None), None)

    def _first_status(self) -> str | None:
        for change in self.changes:
            if change.kind == "merged":
                return self.installation.special_status("default")
            if change.kind == "status":
                return change.old or change.new
        return None

    # tags

    def _projects(self) -> set[str]:
        changed = {tag for change in self.changes for tag, _, _ in [self._tag(change)] if tag}
        return changed | set(self.installation.tags(self.task_id))

    def _tag(self, change: Change) -> tuple[str | None, bool, bool]:
        """A tag that a change is about, whether the task had it before and whether it has it afterwards.

        Moving a task onto a board tags it with the project, into a milestone's column with the milestone.
        """
        if change.kind == "project":
            return change.other, change.old is not None, change.new is not None
        if change.kind == "column" and change.new:
            milestone = self.installation.milestone_of(change.new)
            was_on_board = bool(change.old) and not self.installation.milestone_of(change.old or "")
            return milestone or change.board, was_on_board and not milestone, True
        return None, False, False

    def _tags_changed(self, changes: list[Change]) -> list[tuple[str, bool, bool]]:
        """Tags that changed within a second: what a project change says goes before what moves imply."""
        said = {change.other for change in changes if change.kind == "project"}
        found = []
        for change in changes:
            tag, before, after = self._tag(change)
            if tag and (change.kind == "project" or tag not in said):
                found.append((tag, before, after))
        return found

    def _has_tag_from_the_beginning(self, project: str) -> bool:
        for _, changes in groupby(self.changes, key=lambda one: one.at):
            for tag, before, _ in self._tags_changed(list(changes)):
                if tag == project:
                    return before
        return project in self.installation.tags(self.task_id)

    # one second

    def _apply(self, at: int, changes: list[Change]) -> None:
        self._apply_values(changes)
        before = dict(self.tagged_since)
        for tag, _, after in self._tags_changed(changes):
            if not after:
                self.tagged_since.pop(tag, None)
            elif tag not in self.tagged_since:
                # a tag that was taken away and given back within a second was never away
                self.tagged_since[tag] = before.get(tag, at)

    def _apply_values(self, changes: list[Change]) -> None:
        for change in changes:
            match change.kind:
                case "status":
                    self.status = change.new or self.status
                case "merged":
                    self.status = self.installation.special_status("duplicate")
                case "priority":
                    self.priority = change.new or self.priority
                case "owner":
                    self.owner = change.new
                case "column" if change.board and change.new:
                    if not self.installation.milestone_of(change.new):
                        self.positions[change.board] = change.new

    # columns

    def _columns(self, at: int) -> dict[str, str]:
        found = {}
        for board in self.tagged_since:
            column = self.positions.get(board) or self._starting_column(board, at)
            if column:
                found[board] = column
        # the milestone that the task was put into last, and of one second that of the greater PHID
        for milestone in sorted(self.tagged_since, key=lambda tag: (self.tagged_since[tag], tag)):
            for column in self.installation.milestone_columns(milestone):
                board = self.installation.board_of(column)
                if board:
                    found[board] = column
        return found

    def _starting_column(self, board: str, at: int) -> str | None:
        """Where a task is before its first move on a board: where it was moved from, else the default column.

        The default column exists since the board was made; what was there before knows only the move.
        """
        default = self.installation.default_column(board)
        for change in self.changes:
            if change.kind == "column" and change.board == board and change.new:
                if self.installation.milestone_of(change.new):
                    continue
                if change.old and not self.installation.milestone_of(change.old) and change.old != default:
                    return change.old
                break
        if default and self.installation.columns[default]["fields"]["dateCreated"] <= at:
            return default
        return None
