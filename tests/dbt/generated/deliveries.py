"""Made-up deployments, incidents and changes: few ids and few hours, so that everything collides."""

from __future__ import annotations

import json
from typing import Any

from documents_file import Delivery
from hypothesis import given
from hypothesis import strategies as st

from generated.organisation import START
from generated.repeating import repeated

HOUR = 3600
_HOURS = st.integers(0, 120 * 24).map(lambda hour: START + hour * HOUR)
_SOON = st.integers(-2, 90).map(lambda hours: hours * HOUR)
_NAMES = st.sampled_from([f"D{number}" for number in range(12)])


@st.composite
def _deployment(draw: st.DrawFn, place: tuple[str, str]) -> dict[str, Any]:
    at = draw(_HOURS)
    document: dict[str, Any] = {
        "pipeline": place[0],
        "environment": place[1],
        "deployment_id": draw(_NAMES),
        "deployed_at": at,
    }
    if place[0] != "silent":
        document["outcome"] = draw(st.sampled_from(["success", "success", "failed", "rolled back"]))
    if place[0] == "told":
        document["repairs"] = draw(_NAMES)
        document["is_unplanned"] = draw(st.booleans())
        document["recovered_at"] = at + draw(_SOON)
        for name in ("outcome", "repairs", "is_unplanned", "recovered_at"):
            if draw(st.booleans()):
                del document[name]
    if draw(st.booleans()):
        document["commits"] = draw(st.lists(_commit(at), max_size=4))
    return document


@st.composite
def _commit(draw: st.DrawFn, deployed_at: int) -> dict[str, Any]:
    name = f"c{draw(st.integers(0, 30))}"
    commit: dict[str, Any] = {"id": name}
    if draw(st.booleans()):
        commit["change"] = f"c{draw(st.integers(0, 30))}"
    if draw(st.booleans()):
        commit["authored_at"] = deployed_at - draw(_SOON)
    if draw(st.booleans()):
        commit["committed_at"] = deployed_at - draw(_SOON)
    return commit


@st.composite
def _incident(draw: st.DrawFn, place: tuple[str, str], number: int) -> dict[str, Any]:
    started = draw(_HOURS)
    incident: dict[str, Any] = {
        "pipeline": place[0],
        "environment": place[1],
        "incident_id": f"{'/'.join(place)}/{number}",
        "started_at": started,
    }
    if draw(st.booleans()):
        incident["resolved_at"] = started + abs(draw(_SOON))
    if draw(st.booleans()):
        incident["deployment_id"] = draw(st.one_of(_NAMES, st.just("none")))
    return incident


@st.composite
def _places(draw: st.DrawFn, name: str) -> list[Delivery]:
    found = []
    for place in ((kind, f"{name}-{where}") for kind in ("silent", "plain", "told") for where in ("a", "b")):
        deployments = draw(st.lists(_deployment(place), max_size=10))
        unique = {str(one["deployment_id"]): one for one in deployments}
        found += [Delivery("deployments", f"{place}/{key}", json.dumps(one)) for key, one in unique.items()]
        for number in range(draw(st.integers(0, 4))):
            incident = draw(_incident(place, number))
            found.append(Delivery("incidents", incident["incident_id"], json.dumps(incident)))
    return found


def many_deliveries(count: int) -> list[Delivery]:
    """So many sets of environments, the same ones every time."""
    found: list[Delivery] = []
    names = iter(range(count * 2))

    @repeated(count)
    @given(st.data())
    def collect(data: st.DataObject) -> None:
        found.extend(data.draw(_places(str(next(names)))))

    collect()
    return found
