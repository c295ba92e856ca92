"""A Gerrit server on loopback that remembers what it was asked, and is unwell where it is told to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ddd.demo.gerrit import Changes
from ddd.demo.gerrit.server import answer
from servers import Answer, serving

MAIL = "ada@example.org"


class EmulatedGerrit:
    """Lists changes newest update first, three a page; `troubles` are answered first."""

    def __init__(self) -> None:
        self.held = Changes(page_size=3)
        self.troubles: list[Answer] = []
        self.asked: list[tuple[str, dict[str, list[str]], str]] = []

    def add(self, number: int, updated: str, version: str = "1.40.0-wmf.1", **fields: Any) -> dict[str, Any]:
        """A merged change of a train's branch, in place of one with that number, full of e-mail addresses."""
        commit = fields.pop("commit", f"{number:040x}")
        message = fields.pop("message", f"Fix\n\nChange-Id: I{number:040x}\nSigned-off-by: Ada <{MAIL}>\n")
        ada = {"_account_id": 7, "name": "Ada", "email": MAIL, "secondary_emails": ["a@b.example"]}
        change = {
            "project": "mediawiki/core",
            "branch": f"wmf/{version}",
            "change_id": f"I{number:040x}",
            "subject": "Fix",
            "status": "MERGED",
            "created": "2026-01-01 10:00:00.000000000",
            "submitted": f"{updated}.000000000",
            "updated": f"{updated}.000000000",
            "insertions": 3,
            "deletions": 1,
            "total_comment_count": 2,
            "_number": number,
            "owner": ada,
            "current_revision": commit,
            "revisions": {
                commit: {
                    "commit": {"author": {"name": MAIL, "email": MAIL}, "message": message},
                    "files": {"icons/logo@2x.png": {"lines_inserted": 3}, "email": {"lines_inserted": 1}},
                }
            },
            "messages": [{"author": ada, "message": f"Asked {MAIL}"}],
            **fields,
        }
        self.held.changes = [one for one in self.held.changes if one["_number"] != number]
        self.held.changes.append(change)
        return change

    def answer(self, query: str) -> Answer:
        """What `/changes/` says to a query string."""
        return self.troubles.pop(0) if self.troubles else answer(self.held, query)

    def queries(self) -> list[str]:
        """What was searched for, request by request."""
        return [query["q"][0] for _, query, _ in self.asked]

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve it; yields its address, to which `changes/` is added."""

        def reply(request: BaseHTTPRequestHandler) -> Answer:
            parts = urlsplit(request.path)
            self.asked.append((parts.path, parse_qs(parts.query), request.headers.get("Authorization", "")))
            return self.answer(parts.query)

        with serving(reply) as address:
            yield f"{address}r/"
