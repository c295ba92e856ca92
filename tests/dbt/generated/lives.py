"""Made-up lives of tasks: what Hypothesis chooses from, and how many lives it is asked for."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generated.organisation import (
    AS_OF_SECOND,
    DAY,
    FORGOTTEN_STATUS,
    GONE,
    MAIN_SPACE,
    PEOPLE,
    PRIORITIES,
    PROJECTS,
    SECRET_SPACE,
    SPRINT_COLUMNS,
    START,
    STATUSES,
    TEAM,
    family,
    ordinary_columns,
)
from generated.repeating import repeated
from generated.server import ANCIENT, MODERN, OLD, Edit, Life

TALK = (
    "core:comment",
    "description",
    "subscribers",
    "mention",
    "subtask_status",
    "merged_from",
    "custom_field",
    "edge_that_was_there",
    "strange_edge",
    "core:inlinestate",
    "token:give",
)

# what happens often comes first and more than once
_STATUSES = st.sampled_from(["resolved", "open", "progress", *STATUSES, "open", FORGOTTEN_STATUS])
_PROJECTS = st.sampled_from([TEAM, *PROJECTS])
_PLACES = st.sampled_from(
    [*ordinary_columns(), *[(TEAM, column) for column in SPRINT_COLUMNS.values()], (TEAM, GONE)]
)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "set_status": _STATUSES,
    "move": st.lists(_PLACES, min_size=1, max_size=2, unique_by=lambda place: family(place[0])).map(tuple),
    "tag": _PROJECTS,
    "untag": _PROJECTS,
    "swap": st.tuples(_PROJECTS, _PROJECTS),
    "assign": st.sampled_from([None, *PEOPLE]),
    "set_priority": st.sampled_from(list(PRIORITIES)),
    "merge": st.integers(1, 9),
    "set_points": st.sampled_from([None, 1, 2, 0.5, 8]),
    "set_subtype": st.sampled_from(["default", "bug"]),
    "rename": st.text(alphabet="aé\0\"'{<\U0001f389", max_size=4),
    "tie": st.integers(1, 30),
    "untie": st.integers(1, 30),
    "talk": st.sampled_from(TALK),
}
_KINDS = st.sampled_from(["move", "set_status", *_VALUES, "tag", "move", "set_status"])
_DELAYS = st.sampled_from([DAY, 0, 0, 1, 3600, 3 * DAY + 77, 9 * DAY, 30 * DAY, DAY // 2])


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """One thing that somebody does."""
    kind = draw(_KINDS)
    return Edit(
        kind,
        draw(_VALUES[kind]),
        delay=draw(_DELAYS),
        author=draw(st.sampled_from(PEOPLE)),
        twist=draw(st.integers(0, 9)),
    )


_POLICIES = st.sampled_from([("public", MAIN_SPACE)] * 8 + [("users", MAIN_SPACE), ("public", SECRET_SPACE)])
_GENERATIONS = st.one_of(
    st.just((MODERN,)), st.lists(st.sampled_from((ANCIENT, OLD, MODERN)), max_size=10).map(sorted).map(tuple)
)


# a few while the extraction ran
_CREATIONS = st.one_of(
    *[st.integers(0, 60 * 24).map(lambda hours: START + hours * 3600)] * 19,
    st.integers(-5, 50).map(lambda seconds: AS_OF_SECOND + seconds),
)


@st.composite
def lives(draw: st.DrawFn, longest: int) -> Life:
    """One task and everything that happens to it."""
    policy, space = draw(_POLICIES)
    return Life(
        created_at=draw(_CREATIONS),
        edits=tuple(draw(st.lists(edits(), max_size=longest))),
        generations=draw(_GENERATIONS),
        priority=draw(st.sampled_from([90, *PRIORITIES])),
        status=draw(st.sampled_from(["open", "open", "open", "progress", "resolved"])),
        tags=tuple(draw(st.lists(_PROJECTS, max_size=3, unique=True))),
        are_tags_written=draw(st.booleans()),
        is_creation_written=draw(st.booleans()),
        points=draw(st.sampled_from([None, 1, 3])),
        subtype=draw(st.sampled_from(["default", "default", "bug"])),
        policy=policy,
        space=space,
        lost=draw(st.sampled_from([None] * 9 + [3])),
        skewed=draw(st.sampled_from([None] * 9 + [2])),
    )


def many_lives(count: int, *, longest: int = 16) -> list[Life]:
    """So many lives, the same ones every time, until the extraction."""
    found: list[Life] = []

    @repeated(count)
    @given(lives(longest))
    def collect(life: Life) -> None:
        found.append(life)

    collect()
    return [until_extracted(life) for life in found]


def until_extracted(life: Life) -> Life:
    """The life until the extraction, and one edit more, which happened while it ran."""
    at, kept = life.created_at, []
    for edit in life.edits:
        if at + edit.delay > AS_OF_SECOND:
            kept.append(Edit(edit.kind, edit.value, max(AS_OF_SECOND + 60 - at, 0), edit.author, edit.twist))
            break
        at += edit.delay
        kept.append(edit)
    return Life(**{**life.__dict__, "edits": tuple(kept)})
