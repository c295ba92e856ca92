"""The part of the editor that knows projects, boards, columns and milestones."""

from __future__ import annotations

from ddd.demo.organisation.field_editor import FieldEditor
from ddd.demo.organisation.projects import Column, Project, milestone_at
from ddd.demo.organisation.task import Task
from ddd.demo.organisation.wire import inner, phid_list


class BoardEditor(FieldEditor):
    """Tags tasks and moves them on boards.

    Being tagged puts a task on the board's default column without a word; only its first move says so.
    """

    def _edge(self, task: Task, kind: int, old: list[str], new: list[str], said: str) -> None:
        self._write(task, "core:edge", said, phid_list(old), phid_list(new), meta=f'"edge:type":{kind},')

    def tag(self, task: Task, *projects: Project) -> None:
        """Tag with projects; a sub-project or milestone replaces its ancestors and keeps them away."""
        held = {one.phid for tag in task.projects for one in (tag, *tag.ancestors())}
        added = [project for project in projects if project.phid not in held]
        if added:
            covered = {ancestor.phid for project in added for ancestor in project.ancestors()}
            self._retag(task, added, [project for project in task.projects if project.phid in covered])

    def untag(self, task: Task, *projects: Project) -> None:
        """Remove tags; the places on their boards are remembered."""
        removed = [project for project in projects if project in task.projects]
        if removed:
            self._retag(task, [], removed)

    def hand_over(self, task: Task, project: Project, milestones: tuple[Project, ...], is_kept: bool) -> None:
        """Give the task to another team: its board is the task's board from now on.

        Args:
            task: Which task.
            project: The other team's project.
            milestones: Its milestones.
            is_kept: Whether the first team's tag stays on the task.
        """
        first = task.board
        # where it is already planned into one of the other team's milestones, that is its board
        board = next((tag for tag in task.projects if project in (tag, *tag.ancestors())), project)
        if first is None or is_kept or board in task.projects:
            self.tag(task, board)
        elif first in task.projects:
            self._retag(task, [board], [first])
        task.board, task.milestones = board, milestones

    def _retag(self, task: Task, added: list[Project], removed: list[Project]) -> None:
        names = ", ".join(inner(project.full_name) for project in added)
        gone = ", ".join(inner(project.full_name) for project in removed)
        if added and removed:
            said = f"edited projects, added: {names}; removed: {gone}"
        elif added:
            said = f"added projects: {names}" if len(added) > 1 else f"added a project: {names}"
        else:
            said = f"removed projects: {gone}" if len(removed) > 1 else f"removed a project: {gone}"
        self._edge(task, 41, [one.phid for one in removed], [one.phid for one in added], said)
        for project in removed:
            task.projects.remove(project)
        for project in added:
            task.projects.append(project)
            task.positions.setdefault(project.phid, project.default_column)

    def move(self, task: Task, role: str) -> None:
        """Move the task on its board to the column with a role; without such a column it stays."""
        board = task.board
        column = board.by_role.get(role) if board and board in task.projects else None
        if column is not None:
            self._move(task, column)

    def place(self, task: Task, role: str) -> None:
        """Put a task that is just being created into a column; nothing says where it comes from."""
        if task.board is not None and role in task.board.by_role:
            task.positions.pop(task.board.phid, None)
            self.move(task, role)

    def plan(self, task: Task, is_dragged: bool) -> None:
        """Plan the task into its team's present milestone.

        Args:
            task: Which task.
            is_dragged: Whether it is dragged to the milestone's column on the parent's board, which changes
                the tags, too; else it is tagged with the milestone.
        """
        milestone = milestone_at(task.milestones, self._at)
        if milestone is None or milestone in task.projects or task.board not in milestone.ancestors():
            return
        if is_dragged and milestone.proxy_column is not None:
            self._move(task, milestone.proxy_column)
        else:
            self.tag(task, milestone)
        task.board = milestone

    def _move(self, task: Task, column: Column) -> None:
        board = column.board
        current = task.positions.get(board.phid) if board in task.projects else None
        if current is column:
            return
        came_from = f'{{"{current.phid}":"{current.phid}"}}' if current else "[]"
        route = f"from {inner(current.name)} to" if current else "to"
        self._write(
            task,
            "core:columns",
            f"moved this task {route} {inner(column.name)} on the {inner(board.full_name)} board",
            "null",
            f'[{{"columnPHID":"{column.phid}","beforePHIDs":[],"afterPHIDs":[],"boardPHID":"{board.phid}",'
            f'"fromColumnPHIDs":{came_from}}}]',
        )
        if column.proxy is not None:
            removed = [board] if board in task.projects else []
            self._retag(task, [column.proxy], removed)
        else:
            task.positions[board.phid] = column
