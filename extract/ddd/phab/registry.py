"""What one client knows of the objects that it met; no two clients share anything of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from ddd.phab.cache import MAX_AGE, MISSING_MAX_AGE, DataCache
from ddd.phab.objects import Details, Handle, PHObject
from ddd.phab.phids import PHIDRef, is_phid, unclaimed_details
from ddd.phab.shapes import MAP_KEYS, as_map

if TYPE_CHECKING:
    from ddd.phab.client import Conduit

BATCH_SIZE = 250
"""PHIDs in one `phid.query`: a request of about 10 kB and an answer of about 80 kB."""

_NAMELESS = {"XACT"}


class Registry:
    """The objects behind one client's PHIDs; may be used by many threads at once."""

    def __init__(self) -> None:
        self._details: WeakValueDictionary[str, Details] = WeakValueDictionary()
        self._missing: dict[str, datetime] = {}
        self._lock = threading.RLock()

    def ref(self, phid: str) -> PHIDRef:
        """The reference to a PHID, sharing what is known of it.

        Raises:
            ValueError: It is not a PHID.
        """
        if not is_phid(phid):
            raise ValueError(f"{phid!r} is not a PHID")
        with self._lock:
            details = self._details.get(phid)
            if details is None:
                details = self._details[phid] = Details(str(phid), checked_at=self._missing.get(phid))
            return PHIDRef.of(details)

    def know(self, handle: Handle) -> PHIDRef:
        """The reference to what the server has just named."""
        with self._lock:
            reference = self.ref(handle.phid)
            details = reference.object.details
            details.handle, details.checked_at = handle, datetime.now(UTC)
            self._missing.pop(handle.phid, None)
            return reference

    def bind(self, value: Any) -> Any:
        """A decoded answer with every PHID in it, keys included, as a reference.

        Rows of searches become known to the objects that they describe, and maps that PHP sent as an
        empty list become empty maps.
        """
        if isinstance(value, str):
            return self.ref(value) if value.startswith("PHID-") and is_phid(value) else value
        if isinstance(value, list):
            return [self.bind(one) for one in value]
        if not isinstance(value, dict):
            return value
        bound = {
            self.bind(key): self.bind(as_map(one) if key in MAP_KEYS and one == [] else one)
            for key, one in value.items()
        }
        phid = bound.get("phid")
        if isinstance(phid, PHIDRef) and "fields" in bound:
            phid.object.details.row = bound
        return bound

    def resolve(self, phab: Conduit, cache: DataCache | None) -> dict[str, PHObject]:
        """See `PHObject.resolve_phids`."""
        now = datetime.now(UTC)
        found = self._adopt()
        due = self._due(now, cache)
        known = cache.get(phab.url, due) if cache else {}
        for phid, (handle, checked_at) in known.items():
            self._learn(phid, handle, checked_at, found)
        asked = [phid for phid in due if phid not in known]
        for batch in _batches(asked):
            handles = handles_in(phab.call("phid.query", {"phids": batch}))
            answers = {phid: handles.get(phid) for phid in batch}
            for phid, handle in answers.items():
                self._learn(phid, handle, now, found)
            if cache:
                cache.put(phab.url, answers, now)
        return found

    def _adopt(self) -> dict[str, PHObject]:
        """Let references made by hand share what this client knows already."""
        found: dict[str, PHObject] = {}
        with self._lock:
            for phid in dict(unclaimed_details()):
                known = self._details.get(phid)
                if known is not None and known.handle is not None and known.checked_at is not None:
                    self._learn(phid, known.handle, known.checked_at, found)
        return found

    def _due(self, now: datetime, cache: DataCache | None) -> list[str]:
        max_age = cache.max_age if cache else MAX_AGE
        missing_max_age = cache.missing_max_age if cache else MISSING_MAX_AGE
        with self._lock:
            candidates = {**dict(unclaimed_details()), **dict(self._details)}
            due = []
            for phid, details in candidates.items():
                checked_at = details.checked_at or self._missing.get(phid)
                limit = max_age if details.handle else missing_max_age
                if details.type not in _NAMELESS and (checked_at is None or now - checked_at > limit):
                    due.append(phid)
        return sorted(due)

    def _learn(
        self, phid: str, handle: Handle | None, checked_at: datetime, found: dict[str, PHObject]
    ) -> None:
        with self._lock:
            by_hand = unclaimed_details().get(phid)
            details = self._details.get(phid)
            if handle is None:
                # a reference made by hand may belong to another server, so it is left unclaimed
                self._missing[phid] = checked_at
                if details is not None:
                    details.handle, details.checked_at = None, checked_at
                return
            self._missing.pop(phid, None)
            if by_hand is not None:
                del unclaimed_details()[phid]
                if details is None:
                    details = self._details[phid] = by_hand
                else:
                    by_hand.same_as = details
            if details is None:
                return  # nobody holds it any more
            details.handle, details.checked_at = handle, checked_at
            found[phid] = PHObject.of(details)


def handles_in(result: Any) -> dict[str, Handle]:
    """The handles in the result of `phid.query` or `phid.lookup`, by its keys."""
    return {key: _handle(row) for key, row in as_map(result).items() if isinstance(row, Mapping)}


def _handle(row: Mapping[str, Any]) -> Handle:
    return Handle(
        phid=str(row["phid"]),
        type=str(row.get("type") or ""),
        type_name=str(row.get("typeName") or ""),
        name=str(row.get("name") or ""),
        full_name=str(row.get("fullName") or ""),
        url=str(row.get("uri") or ""),
        status=str(row.get("status") or ""),
    )


def _batches(phids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(phids), BATCH_SIZE):
        yield list(phids[start : start + BATCH_SIZE])
