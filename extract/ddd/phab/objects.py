"""What PHIDs name: objects that are placeholders until somebody asks what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from ddd.phab.cache import DataCache
    from ddd.phab.client import Conduit


@dataclass(frozen=True)
class Handle:
    """What a server says that an object is called.

    Attributes:
        phid: Its PHID.
        type: Four letters, such as `PROJ`.
        type_name: The same in words, such as `Project`.
        name: Short name: `T1`, `alice`, `MediaWiki-Core`.
        full_name: Long name: `T1: Remove database schema`, `alice (Alice Åkerström)`.
        url: Where people find it.
        status: `open` or `closed`.
    """

    phid: str
    type: str
    type_name: str
    name: str
    full_name: str
    url: str
    status: str


@dataclass(eq=False, slots=True, weakref_slot=True)
class Details:
    """What is known of one object, shared by all references to it.

    Attributes:
        phid: Its PHID.
        handle: What the server calls it; none while nobody asked, or where it is missing.
        row: The newest row of a search that described it.
        checked_at: When the server (or a cache) was asked about it.
        same_as: The details that took over, where two turned out to mean the same object.
    """

    phid: str
    handle: Handle | None = None
    row: Mapping[str, Any] = field(default_factory=dict)
    checked_at: datetime | None = None
    same_as: Details | None = None

    @property
    def type(self) -> str:
        """Four letters of the PHID."""
        return self.phid[5:9]


class PHObject:
    """Something that a PHID names; the subclass says what.

    Objects are equal when their PHIDs are.
    """

    phid_type: ClassVar[str] = ""
    _classes: ClassVar[dict[str, type[PHObject]]] = {}
    __slots__ = ("_details",)

    def __init_subclass__(cls) -> None:
        PHObject._classes[cls.phid_type] = cls

    def __init__(self, details: Details) -> None:
        self._details = details

    @staticmethod
    def of(details: Details) -> PHObject:
        """The object of the right class; `PHObject` itself for a type that has none."""
        return PHObject._classes.get(details.type, PHObject)(details)

    @staticmethod
    def resolve_phids(phab: Conduit, cache: DataCache | None = None) -> dict[str, PHObject]:
        """Find out what all live references are called: those of this client, and those made by hand.

        What the cache knows is not asked for; the rest is asked for in batches. PHIDs that the server
        does not know, or hides, stay placeholders and are not asked for again before their time.

        Args:
            phab: The client whose references are meant.
            cache: Where names are kept between runs.

        Returns:
            What this call found, by PHID.

        Raises:
            ConduitError: The server cannot be asked; what was found before stays.
            WarehouseError: The cache cannot be read or written.
        """
        return phab.registry.resolve(phab, cache)

    @property
    def details(self) -> Details:
        """What is known of it."""
        while self._details.same_as is not None:
            self._details = self._details.same_as
        return self._details

    @property
    def phid(self) -> str:
        """Its PHID."""
        return self._details.phid

    @property
    def type(self) -> str:
        """Four letters of its PHID, such as `PROJ`."""
        return self._details.type

    @property
    def name(self) -> str:
        """Short name: a project's name, a user's name, `T1`; empty while unknown."""
        # a row comes from this session, while what a cache holds may be some days old
        details = self.details
        return _name_in(details.row) or (details.handle.name if details.handle else "")

    @property
    def full_name(self) -> str:
        """Long name, such as `T1: Remove database schema`; empty while unknown."""
        handle = self.details.handle
        return handle.full_name if handle else ""

    @property
    def url(self) -> str:
        """Where people find it; empty while unknown."""
        handle = self.details.handle
        return handle.url if handle else ""

    @property
    def status(self) -> str:
        """`open` or `closed`; empty while unknown."""
        handle = self.details.handle
        return handle.status if handle else ""

    @property
    def is_resolved(self) -> bool:
        """Whether the server said what it is called."""
        return self.details.handle is not None

    @property
    def is_missing(self) -> bool:
        """Whether the server was asked and does not know it, or hides it."""
        return self.details.handle is None and self.details.checked_at is not None

    @property
    def data(self) -> Mapping[str, Any]:
        """The newest row of a search that described it; empty where none did."""
        return self.details.row

    @property
    def fields(self) -> Mapping[str, Any]:
        """The `fields` of that row."""
        fields = self.details.row.get("fields")
        return fields if isinstance(fields, Mapping) else {}

    def __repr__(self) -> str:
        return f'{type(self).__name__}(name="{self.name}", phid="{self.phid}")'

    def __str__(self) -> str:
        return self.name or self.phid

    def __eq__(self, other: object) -> bool:
        return self.phid == other.phid if isinstance(other, PHObject) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.phid)


def _name_in(row: Mapping[str, Any]) -> str:
    """The short name as `phid.query` would give it, out of a row of a search."""
    fields = row.get("fields")
    if not isinstance(fields, Mapping):
        return ""
    if row.get("type") == "TASK":
        return f"T{row.get('id')}"
    return str(fields.get("username") or fields.get("name") or "")


class Project(PHObject):
    """A project, sub-project or milestone."""

    phid_type = "PROJ"
    __slots__ = ()


class ProjectColumn(PHObject):
    """A column of a workboard."""

    phid_type = "PCOL"
    __slots__ = ()


class User(PHObject):
    """A person, a bot or a mailing list."""

    phid_type = "USER"
    __slots__ = ()


class Task(PHObject):
    """A Maniphest task."""

    phid_type = "TASK"
    __slots__ = ()


class Transaction(PHObject):
    """One change of an object; it has no name, so that nobody is asked for it."""

    phid_type = "XACT"
    __slots__ = ()


class Application(PHObject):
    """A part of Phabricator itself, which can author changes."""

    phid_type = "APPS"
    __slots__ = ()


class Policy(PHObject):
    """A custom policy."""

    phid_type = "PLCY"
    __slots__ = ()


class Space(PHObject):
    """A space, which separates the objects of a part of the organisation."""

    phid_type = "SPCE"
    __slots__ = ()


class Repository(PHObject):
    """A repository."""

    phid_type = "REPO"
    __slots__ = ()


class Commit(PHObject):
    """A commit."""

    phid_type = "CMIT"
    __slots__ = ()


class Revision(PHObject):
    """A code review."""

    phid_type = "DREV"
    __slots__ = ()
