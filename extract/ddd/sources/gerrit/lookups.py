"""Changes that links name: which of them to ask for, and what each link led to.

What a link led to is a document of its own, so that nothing is asked for twice: `{"link", "term",
"change_numbers", "is_settled"}`. A link that led nowhere (the change was deleted, is hidden from the account,
or is on another server) is written down as well, without numbers, and asked for again where that is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote_plus

import msgspec

from ddd.segments import Document
from ddd.sources.gerrit.changes import Change, page_of
from ddd.sources.gerrit.client import Gerrit, QueryRefusedError
from ddd.sources.gerrit.links import query_term
from ddd.sources.whole import Page, encoded

STREAM = "lookups"

BATCH_TERMS = 100
BATCH_CHARACTERS = 4000
"""How long a query may become in the address: servers and proxies refuse more than 8 kB in all."""

MOST_REFUSALS = 20
"""Of so many single terms a server may want to know nothing; one that refuses more refuses all."""

_OR = " OR "


class Lookup(msgspec.Struct, frozen=True):
    """What a link led to."""

    link: str
    term: str
    change_numbers: list[int]
    is_settled: bool


@dataclass
class Search:
    """Links that are looked for, and the changes that were found for them.

    Args:
        links: The links; one that names no change leads nowhere.

    Attributes:
        terms: What to ask for, by link.
        found: Changes by term, by number.
        settled_terms: Terms of which nothing needs to be asked any more.
    """

    links: Iterable[str]
    terms: dict[str, str] = field(init=False)
    found: dict[str, dict[int, Change]] = field(init=False)
    settled_terms: set[str] = field(init=False, default_factory=lambda: {""})

    def __post_init__(self) -> None:
        self.terms = {link: query_term(link) for link in self.links}
        self.found = {term: {} for term in self.terms.values() if term}
        lengths = {len(term) for term in self.found if term.startswith("commit:")}
        self._refusals_count = 0
        self._commit_lengths = sorted(length - len("commit:") for length in lengths)

    def add(self, changes: Iterable[Change]) -> None:
        """Changes that are known; each is found by all terms that name it."""
        for change in changes:
            for term in self._terms_of(change):
                if term in self.found:
                    self.found[term][change.number] = change

    def add_known(self, changes: Iterable[Change]) -> None:
        """Changes that are here already: what they settle is not asked for."""
        settled = [change for change in changes if change.is_settled]
        self.add(settled)
        self.settled_terms |= {term for term, changes_of in self.found.items() if changes_of}

    def pages(self, gerrit: Gerrit) -> Iterator[Page]:
        """Ask for everything that is not settled, some terms at a time.

        Raises:
            WebError: The server cannot be asked; what was found before is in the pages that were given.
        """
        open_terms = [term for term in self.found if term not in self.settled_terms]
        for batch in batches(open_terms):
            yield from self._ask(gerrit, batch)

    def _ask(self, gerrit: Gerrit, terms: list[str]) -> Iterator[Page]:
        try:
            for bodies in gerrit.changes(_OR.join(terms)):
                page, changes = page_of(bodies)
                self.add(changes)
                yield page
        except QueryRefusedError:
            self._refusals_count += len(terms) == 1
            if self._refusals_count > MOST_REFUSALS:
                raise
            # what is too much for the server must not keep the others from being found
            middle = len(terms) // 2
            for half in (terms[:middle], terms[middle:]):
                if len(terms) > 1:
                    yield from self._ask(gerrit, half)

    def lookups(self) -> Iterator[Page]:
        """What each link led to, after `pages`."""
        page = Page()
        for link, term in self.terms.items():
            changes = self.found[term] if term else {}
            is_settled = all(change.is_settled for change in changes.values())
            lookup = {
                "link": link, "term": term, "change_numbers": sorted(changes), "is_settled": is_settled
            }  # fmt: skip
            page.documents.append(Document(link, encoded(lookup)))
        yield page

    @property
    def lost_count(self) -> int:
        """How many links led nowhere, after `pages`."""
        return sum(not (term and self.found[term]) for term in self.terms.values())

    def _terms_of(self, change: Change) -> Iterator[str]:
        yield f"change:{change.number}"
        yield f"change:{change.change_id}"
        yield f"change:{change.project}~{change.number}"
        yield f"change:{change.project}~{change.branch}~{change.change_id}"
        for length in self._commit_lengths:
            yield f"commit:{change.current_revision[:length]}"


def batches(terms: Iterable[str]) -> Iterator[list[str]]:
    """Terms in lists whose query is short enough for an address."""
    batch: list[str] = []
    characters = 0
    for term in terms:
        more = len(quote_plus(term + _OR))
        if batch and (len(batch) == BATCH_TERMS or characters + more > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(term)
        characters += more
    if batch:
        yield batch
