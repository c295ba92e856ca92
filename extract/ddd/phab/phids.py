"""`PHIDRef`: a PHID with the object behind it.

A PHID is Phabricator's name for anything: `PHID-TASK-…`, `PHID-USER-…`. All references to one PHID that
belong to one client share what is known of its object, so that resolving once names them all.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import Any, Self
from weakref import WeakValueDictionary

from ddd.phab.objects import Details, PHObject

_PHID = re.compile(r"PHID-([A-Z]{4})-[A-Za-z0-9-]{1,50}")


def is_phid(text: str) -> bool:
    """Whether a text has the form of a PHID."""
    return _PHID.fullmatch(text) is not None


# References made by hand, `PHIDRef('PHID-…')`, belong to no client until one resolves them. They wait here:
# weakly, so that forgotten ones vanish, and per context, so that no thread asks its server for another's.
_unclaimed: ContextVar[WeakValueDictionary[str, Details]] = ContextVar("unclaimed")


def unclaimed_details() -> WeakValueDictionary[str, Details]:
    """What this context's references made by hand are about."""
    try:
        return _unclaimed.get()
    except LookupError:
        waiting: WeakValueDictionary[str, Details] = WeakValueDictionary()
        _unclaimed.set(waiting)
        return waiting


class PHIDRef(str):
    """A PHID with the object behind it; a text like any other to DuckDB, SQLite, dicts and JSON.

    A reference that is made by hand belongs to no client yet; the first one that resolves it and knows it
    claims it. `Conduit.ref` makes one that belongs to that client at once.

    Args:
        phid: The PHID.

    Raises:
        ValueError: It is not a PHID.
    """

    __slots__ = ("_object",)
    _object: PHObject

    def __new__(cls, phid: str) -> Self:
        """See the class."""
        if isinstance(phid, PHIDRef):
            return cls.of(phid.object.details)
        if not is_phid(phid):
            raise ValueError(f"{phid!r} is not a PHID")
        waiting = unclaimed_details()
        details = waiting.get(phid)
        if details is None:
            details = waiting[phid] = Details(phid)
        return cls.of(details)

    @classmethod
    def of(cls, details: Details) -> Self:
        """The reference to what some details are about."""
        reference = super().__new__(cls, details.phid)
        reference._object = PHObject.of(details)
        return reference

    @property
    def object(self) -> PHObject:
        """What the PHID names; a placeholder with an empty name while that is unknown."""
        return self._object

    def __repr__(self) -> str:
        name = self._object.name
        return f"PHIDRef('{self}', object='{name}')" if name else f"PHIDRef('{self}')"

    def __str__(self) -> str:
        return str.__str__(self)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # a text never changes, and its object stays shared

    def __reduce__(self) -> tuple[type[PHIDRef], tuple[str]]:
        return PHIDRef, (str(self),)
