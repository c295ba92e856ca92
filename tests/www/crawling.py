"""Walks over the pages of a server by their links, and reads what a page shows as a browser would.

Pages are without end (a table can be sorted, narrowed and turned over in any way), so they are told apart by
kind: the path with its numbers left out, and whether something is asked for. Of each kind some are opened.
"""

from __future__ import annotations

import http.client
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, urljoin, urlsplit

SAFE = "/%~:@!$&'()*+,;=-._?"
VARYING = re.compile(r"(?<=/)(T?\d+|[0-9.]+-wmf\.\d+|~?[0-9a-zA-Z~.,_-]*(?:PHID|~2E)[^/]*)(?=$|/|\.)")
"""What differs between pages of one kind: numbers, versions, PHIDs."""
ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "srcset"}


@dataclass
class Answer:
    """One answer of the server.

    Attributes:
        path: What was asked for, with its query.
        headers: Names in lower case; a name that came twice has both values.
    """

    path: str
    status: int
    headers: dict[str, list[str]]
    text: str

    @property
    def is_page(self) -> bool:
        """Whether a browser would read it as HTML."""
        return self.headers.get("content-type", [""])[0].startswith("text/html")


class Visitor:
    """Asks one server over one connection, the path exactly as given."""

    def __init__(self, address: str) -> None:
        """Connect when first asked."""
        self.address = address
        self.host = urlsplit(address).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=60)

    def get(self, path: str) -> Answer:
        """The answer, redirects not followed."""
        try:
            self.connection.request("GET", path)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, http.client.BadStatusLine, ConnectionError):
            self.connection.close()  # the server closes what was idle, and what it could not read
            self.connection.request("GET", path)
            response = self.connection.getresponse()
        headers: dict[str, list[str]] = {}
        for name, value in response.getheaders():
            headers.setdefault(name.lower(), []).append(value)
        return Answer(path, response.status, headers, response.read().decode("utf-8", "replace"))


@dataclass
class Markup(HTMLParser):
    """What a browser would make of a page.

    Attributes:
        links: Everything that leads somewhere or is fetched: element, attribute and value.
        fields: Names of the fields of its forms.
        odd: What no page may have: code in an attribute, a script or a style in the page, a base.
        names: Every name of an element or attribute.
    """

    links: list[tuple[str, str, str]] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    odd: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, fields, and what must not be there."""
        given = {name: value or "" for name, value in attrs}
        self.names |= {tag, *given}
        self.odd += [f"{tag} {name}={value}" for name, value in given.items() if name.startswith("on")]
        if tag in {"base", "iframe", "object", "embed"} or (tag == "meta" and "http-equiv" in given):
            self.odd.append(tag)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.odd.append("script without an address")
        if tag in {"input", "select", "textarea"} and given.get("name"):
            self.fields.add(given["name"])
        self.links += [(tag, name, given[name]) for name in given if name in ADDRESSES]


def read_markup(answer: Answer) -> Markup:
    """A page as a browser would read it."""
    markup = Markup()
    markup.feed(answer.text)
    return markup


def kind_of(path: str) -> str:
    """What pages of one kind have in common.

    Each table and each canned query is a kind; their other forms (JSON, sorted, without its SQL) are one
    kind for each file.
    """
    parts = urlsplit(path)
    kind = VARYING.sub("*", parts.path)
    if not kind.startswith("/-/") and (parts.query or "." in kind):
        kind = re.sub(r"^(/\w+/)[^/.]+", r"\1*", kind)
    return f"{kind}{'?' if parts.query else ''}"


def walk(visitor: Visitor, *starts: str, of_each_kind: int) -> Iterator[tuple[Answer, Markup]]:
    """Every kind of page that can be reached by links; answers that are no page come with empty markup."""
    waiting, seen, opened = deque(starts), set(starts), Counter[str]()
    while waiting:
        path = waiting.popleft()
        if opened[kind_of(path)] >= of_each_kind:
            continue
        opened[kind_of(path)] += 1
        answer = visitor.get(path)
        markup = read_markup(answer) if answer.is_page else Markup()
        yield answer, markup
        for target in [*(value for _, _, value in markup.links), *answer.headers.get("location", [])]:
            found = urlsplit(urljoin(f"{visitor.address}{path}", target))
            next_path = f"{quote(found.path, safe=SAFE)}?{quote(found.query, safe=SAFE)}".removesuffix("?")
            if found.netloc == visitor.host and next_path not in seen:
                seen.add(next_path)
                waiting.append(next_path)
