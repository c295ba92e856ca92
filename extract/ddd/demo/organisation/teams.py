"""The teams: their boards, how much they get, and how long it takes them."""

from __future__ import annotations

from dataclasses import dataclass

Columns = tuple[tuple[str, str], ...]
"""Names and roles of a board's columns; the first one is where new tasks land."""

MILESTONE_COLUMNS: Columns = (("Backlog", "backlog"), ("In progress", "doing"), ("Done", "done"))
SUBPROJECT_COLUMNS: Columns = (("To do", "backlog"), ("Doing", "doing"), ("Done", "done"))


@dataclass(frozen=True)
class Team:
    """A top-level project with a workboard, and how its people work.

    Attributes:
        name: Name of the project.
        slug: Its hashtag.
        color: Its colour.
        icon: Its icon.
        members: Usernames.
        columns: Names and roles of the board's columns.
        hidden_column: A column that is no longer shown.
        share: Its share of all new tasks, relative to the other teams.
        wait_days: Median time from triage to the start of work.
        work_days: Median time from the start of work to closing.
        spread: Standard deviation of the logarithm of the time worked.
        never_started_share: Tasks that nobody ever starts.
        progress_status_share: Started tasks whose status says so, too.
        points_share: Tasks that are estimated.
        private_share: Tasks that not everybody may see.
        subprojects: Names of sub-projects, each with a board.
        subproject_share: Tasks that go to a sub-project instead.
        has_milestones: Whether work is planned into quarterly milestones.
    """

    name: str
    slug: str
    color: str
    icon: str
    members: tuple[str, ...]
    columns: Columns
    hidden_column: str = ""
    share: float = 1.0
    wait_days: float = 20.0
    work_days: float = 6.0
    spread: float = 0.85
    never_started_share: float = 0.16
    progress_status_share: float = 0.5
    points_share: float = 0.0
    private_share: float = 0.025
    subprojects: tuple[str, ...] = ()
    subproject_share: float = 0.0
    has_milestones: bool = False


TEAMS = (
    Team(
        "Search",
        "search",
        "blue",
        "group",
        ("abena", "bjorn", "hina"),
        (
            ("Backlog", "backlog"),
            ("Ready", "ready"),
            ("In progress", "doing"),
            ("Code review", "review"),
            ("Done", "done"),
        ),
        hidden_column="Someday",
        share=1.5,
        wait_days=24,
        work_days=9,
        spread=0.5,
        points_share=0.4,
    ),
    Team(
        "Editor",
        "editor",
        "violet",
        "group",
        ("chiara", "emeka", "jolene"),
        (
            ("Needs triage", "backlog"),
            ("Ready", "ready"),
            ("Doing", "doing"),
            ("Code review", "review"),
            ("QA", "qa"),
            ("Done", "done"),
        ),
        hidden_column="Ideas 2019",
        share=1.25,
        wait_days=20,
        work_days=8,
        spread=0.5,
    ),
    Team(
        "Reader-Web",
        "reader-web",
        "green",
        "project",
        ("dalia", "kofi", "noor"),
        (
            ("Incoming", "backlog"),
            ("Ready", "ready"),
            ("In progress", "doing"),
            ('Review "javascript:alert(1)" 👀', "review"),
            ("Done 🎉", "done"),
        ),
        hidden_column="<b>Old</b> & hidden",
        share=1.1,
        work_days=5,
        subprojects=('Skins <script>alert(1)</script> & "themes"',),
        subproject_share=0.2,
    ),
    Team(
        "Mobile-Apps",
        "mobile-apps",
        "orange",
        "project",
        ("hina", "lucia", "marek"),
        (
            ("Backlog", "backlog"),
            ("Next up", "ready"),
            ("In development", "doing"),
            ("QA", "qa"),
            ("Released", "done"),
        ),
        hidden_column="Blocked by stores",
        share=1.0,
        wait_days=20,
        work_days=7,
        points_share=0.5,
        subprojects=("Android", "iOS"),
        subproject_share=0.5,
        has_milestones=True,
    ),
    Team(
        "Platform",
        "platform",
        "indigo",
        "group",
        ("farid", "ivan", "oskar", "noor"),
        (
            ("Backlog", "backlog"),
            ("Selected", "ready"),
            ("In progress", "doing"),
            ("Waiting", "waiting"),
            ("Done", "done"),
        ),
        hidden_column="Parked",
        share=0.95,
        wait_days=45,
        work_days=10,
        spread=1.0,
        never_started_share=0.25,
        subprojects=("Database", "Caching"),
        subproject_share=0.3,
        has_milestones=True,
    ),
    Team(
        "Release-Engineering",
        "release-engineering",
        "red",
        "group",
        ("greta", "kofi", "marek"),
        (
            ("To do", "backlog"),
            ("Doing", "doing"),
            ("Waiting", "waiting"),
            ("Done", "done"),
        ),
        hidden_column="Graveyard",
        share=0.5,
        work_days=3,
        spread=1.0,
        subprojects=("Continuous-Integration",),
        subproject_share=0.35,
    ),
    Team(
        "Site-Reliability",
        "site-reliability",
        "sky",
        "group",
        ("bjorn", "ivan", "oskar", "abena"),
        (
            ("Inbox", "backlog"),
            ("Working on it", "doing"),
            ("Blocked", "waiting"),
            ("Done", "done"),
        ),
        hidden_column="Very old",
        share=0.9,
        wait_days=4,
        work_days=2,
        spread=1.2,
        never_started_share=0.1,
        progress_status_share=0.3,
        private_share=0.16,
        subprojects=("Incidents",),
        subproject_share=0.15,
    ),
    Team(
        "Design-System",
        "design-system",
        "pink",
        "project",
        ("chiara", "dalia", "lucia"),
        (
            ("Backlog", "backlog"),
            ("Design", "doing"),
            ("Build", "doing2"),
            ("Review", "review"),
            ("Done", "done"),
        ),
        hidden_column="Won't do",
        share=0.6,
        wait_days=30,
        work_days=11,
        points_share=0.2,
    ),
)

ARCHIVED_TEAM = Team(
    "Legacy-Portal",
    "legacy-portal",
    "grey",
    "project",
    ("admin", "oskar"),
    (("Backlog", "backlog"), ("Doing", "doing"), ("Done", "done")),
    hidden_column="Never",
    share=0.5,
    wait_days=20,
    work_days=9,
    never_started_share=0.35,
)
"""A project that is given up in the middle of the history."""

LIMITS_WIP = "Search"
"""The team that starts to limit its work in progress and is really faster from then on."""

CHANGES_NOTHING = "Editor"
"""The team whose change has no effect."""
