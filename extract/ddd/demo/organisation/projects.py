"""Projects and their boards: top-level projects, sub-projects, quarterly milestones, one archived."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ddd.demo.organisation.calendar import DAY, HOUR, WEEK, epoch
from ddd.demo.organisation.people import Person
from ddd.demo.organisation.randomness import phid
from ddd.demo.organisation.teams import (
    ARCHIVED_TEAM,
    MILESTONE_COLUMNS,
    SUBPROJECT_COLUMNS,
    TEAMS,
    Columns,
    Team,
)
from ddd.demo.organisation.wire import inner, quoted

PUBLIC_SPACE = phid("SPCE", "public")
SECURITY_SPACE = phid("SPCE", "security")
SECURITY_POLICY = phid("PLCY", "security")


@dataclass
class Column:
    """A column of a board; one with a proxy stands for a sub-project or milestone."""

    id: int
    phid: str
    name: str
    board: Project
    role: str
    sequence: int
    created: int
    proxy: Project | None = None
    hidden_from: int | None = None


@dataclass
class Project:
    """A project with a board.

    Attributes:
        by_role: Its columns by what they are for.
        proxy_column: The column of the parent's board that stands for it.
        archived_from: When it is given up.
    """

    id: int
    phid: str
    name: str
    slug: str | None
    color: str
    icon: str
    members: tuple[Person, ...]
    created: int
    view_policy: str = "public"
    parent: Project | None = None
    milestone_number: int | None = None
    archived_from: int | None = None
    columns: list[Column] = field(default_factory=list)
    by_role: dict[str, Column] = field(default_factory=dict)
    proxy_column: Column | None = None

    @property
    def full_name(self) -> str:
        """Its name with the parent's, as sentences name a milestone."""
        if self.milestone_number is not None and self.parent:
            return f"{self.parent.name} ({self.name})"
        return self.name

    @property
    def default_column(self) -> Column:
        """The column where tasks land that are tagged with it."""
        return self.columns[0]

    def ancestors(self) -> list[Project]:
        """Its parent, the parent's parent and so on."""
        return [self.parent, *self.parent.ancestors()] if self.parent else []


@dataclass(frozen=True)
class TeamProjects:
    """A team's project and what is below it, milestones in the order of time."""

    team: Team
    project: Project
    subprojects: tuple[Project, ...]
    milestones: tuple[Project, ...]


class Boards:
    """Everything that has a board, numbered in the order in which it was made."""

    def __init__(self, seed: int, start: date, people: dict[str, Person]) -> None:
        self._seed = seed
        self._people = people
        self._start = epoch(start)
        self.projects: list[Project] = []
        self.columns: list[Column] = []
        self.teams: list[TeamProjects] = []
        archived_from = self._start + 62 * WEEK + 10 * HOUR
        for team in (*TEAMS, ARCHIVED_TEAM):
            self._add_team(team, archived_from if team is ARCHIVED_TEAM else None)
        self._add_milestones(start)

    def _add_team(self, team: Team, archived_from: int | None) -> None:
        created = self._start - 3 * DAY + len(self.projects) * 600
        project = self._add(team.name, team.slug, team, created)
        project.archived_from = archived_from
        self._add_columns(project, team.columns)
        hidden = self._add_column(project, team.hidden_column, "hidden")
        hidden.hidden_from = self._start + 40 * WEEK
        subprojects = []
        for name in team.subprojects:
            slug = "".join(letter if letter.isalnum() else "_" for letter in name.lower()).strip("_")
            subproject = self._add(name, slug, team, created + 300, parent=project)
            if name == "Incidents":
                subproject.view_policy = "users"
            subproject.proxy_column = self._add_column(project, name, "proxy", subproject)
            self._add_columns(subproject, SUBPROJECT_COLUMNS)
            subprojects.append(subproject)
        self.teams.append(TeamProjects(team, project, tuple(subprojects), ()))

    def _add_milestones(self, start: date) -> None:
        """A milestone a quarter, for far longer than any history lasts; what is not yet made stays unseen."""
        quarters = [
            date(start.year + offset // 4, 1 + 3 * (offset % 4), 1)
            for offset in range((start.month - 1) // 3, (start.month - 1) // 3 + 18)
        ]
        found: dict[str, list[Project]] = {}
        for number, quarter in enumerate(quarters, start=1):
            created = max(epoch(quarter) - 10 * DAY + 9 * HOUR, self._start)
            for team_projects in self.teams:
                if not team_projects.team.has_milestones:
                    continue
                parent = team_projects.project
                name = f"{quarter.year} Q{(quarter.month + 2) // 3}"
                milestone = self._add(name, None, team_projects.team, created, parent=parent, number=number)
                milestone.archived_from = epoch(quarter) + 170 * DAY
                milestone.proxy_column = self._add_column(parent, name, "proxy", milestone)
                self._add_columns(milestone, MILESTONE_COLUMNS)
                found.setdefault(parent.phid, []).append(milestone)
        self.teams = [
            TeamProjects(one.team, one.project, one.subprojects, tuple(found.get(one.project.phid, ())))
            for one in self.teams
        ]

    def _add(
        self,
        name: str,
        slug: str | None,
        team: Team,
        created: int,
        *,
        parent: Project | None = None,
        number: int | None = None,
    ) -> Project:
        project = Project(
            id=len(self.projects) + 1,
            phid=phid("PROJ", self._seed, self._start, team.name, name),
            name=name,
            slug=slug,
            color=team.color,
            icon=team.icon if parent is None else "milestone" if number else "project",
            members=tuple(self._people[username] for username in team.members),
            created=created,
            parent=parent,
            milestone_number=number,
        )
        self.projects.append(project)
        return project

    def _add_columns(self, project: Project, columns: Columns) -> None:
        for name, role in columns:
            self._add_column(project, name, role)

    def _add_column(self, board: Project, name: str, role: str, proxy: Project | None = None) -> Column:
        column = Column(
            id=len(self.columns) + 1,
            phid=phid("PCOL", self._seed, self._start, board.phid, name),
            name=name,
            board=board,
            role=role,
            sequence=len(board.columns),
            created=(proxy or board).created + 60,
            proxy=proxy,
        )
        board.columns.append(column)
        if proxy is None:
            board.by_role[role] = column
        self.columns.append(column)
        return column


def milestone_at(milestones: tuple[Project, ...], at: int) -> Project | None:
    """The newest milestone that exists at a time."""
    found = [milestone for milestone in milestones if milestone.created <= at]
    return found[-1] if found else None


def project_document(project: Project, end: int) -> str:
    """A project as project.search shows it, with the attachments ancestors, members and watchers."""
    is_archived = project.archived_from is not None and project.archived_from < end
    parent = _reference(project.parent) if project.parent else "null"
    milestone = project.milestone_number if project.milestone_number is not None else "null"
    modified = project.archived_from if is_archived else project.created
    ancestors = ",".join(_reference(ancestor) for ancestor in project.ancestors())
    members = ",".join(f'{{"phid":"{member.phid}"}}' for member in project.members)
    color = '{"key":"disabled","name":null}' if is_archived else _color(project.color)
    return (
        f'{{"id":{project.id},"type":"PROJ","phid":"{project.phid}","fields":{{"name":{quoted(project.name)},'
        f'"slug":{quoted(project.slug) if project.slug else "null"},"subtype":"default",'
        f'"milestone":{milestone},"depth":{len(project.ancestors())},"parent":{parent},'
        f'"icon":{_icon(project.icon)},"color":{color},"status":"{"archived" if is_archived else "active"}",'
        f'"spacePHID":"{PUBLIC_SPACE}","dateCreated":{project.created},"dateModified":{modified},'
        f'"policy":{{"view":"{project.view_policy}","edit":"users","join":"users"}},"description":null}},'
        f'"attachments":{{"ancestors":{{"ancestors":[{ancestors}]}},"members":{{"members":[{members}]}},'
        f'"watchers":{{"watchers":[]}}}}}}'
    )


def column_document(column: Column, end: int) -> str:
    """A column as project.column.search shows it; the column of an archived project is hidden."""
    hidden_from = column.proxy.archived_from if column.proxy else column.hidden_from
    is_hidden = hidden_from is not None and hidden_from < end
    proxy = f'"{column.proxy.phid}"' if column.proxy else "null"
    modified = hidden_from if is_hidden and column.proxy is None else column.created
    return (
        f'{{"id":{column.id},"type":"PCOL","phid":"{column.phid}","fields":{{"name":{quoted(column.name)},'
        f'"proxyPHID":{proxy},"project":{_reference(column.board)},"isHidden":{_bool(is_hidden)},'
        f'"isDefaultColumn":{_bool(column is column.board.default_column)},"sequence":{column.sequence},'
        f'"dateCreated":{column.created},"dateModified":{modified},'
        f'"policy":{{"view":"{column.board.view_policy}","edit":"users"}}}},"attachments":{{}}}}'
    )


def user_document(person: Person, number: int, start: date, end: int) -> str:
    """A person as user.search shows them."""
    created = epoch(start) - 5 * DAY
    left = created + 70 * WEEK
    roles = ["bot"] if person.is_bot else ["admin"] if person.is_admin else []
    has_left = person.has_left and left < end
    roles += ["verified", "approved"]
    roles = ["disabled", *roles] if has_left else [*roles, "activated"]
    listed = '","'.join(roles)
    return (
        f'{{"id":{number},"type":"USER","phid":"{person.phid}","fields":{{"username":"{person.username}",'
        f'"realName":{quoted(person.real_name)},"roles":["{listed}"],"dateCreated":{created},'
        f'"dateModified":{left if has_left else created},'
        f'"policy":{{"view":"public","edit":"no-one"}}}},"attachments":{{}}}}'
    )


def left_at(start: date) -> int:
    """When the people who have left did so."""
    return epoch(start) - 5 * DAY + 70 * WEEK


def _reference(project: Project) -> str:
    return f'{{"id":{project.id},"phid":"{project.phid}","name":{quoted(project.name)}}}'


def _icon(key: str) -> str:
    name, image = {
        "project": ("Project", "fa-briefcase"),
        "group": ("Group", "fa-users"),
        "milestone": ("Milestone", "fa-map-marker"),
    }[key]
    return f'{{"key":"{key}","name":"{name}","icon":"{image}"}}'


def _color(key: str) -> str:
    return f'{{"key":"{key}","name":"{inner(key.capitalize())}"}}'


def _bool(value: bool) -> str:
    return "true" if value else "false"
