"""A batch of made-up tasks, which dbt builds at once."""

from __future__ import annotations

from collections.abc import Iterator

from documents_file import Document
from reference.installation import Installation

from generated.lives import many_lives
from generated.organisation import organisation_documents
from generated.server import Server


class Batch:
    """Made-up tasks: the servers that hold them, their documents, and what the reference sees of these."""

    def __init__(self, count: int, *, longest: int) -> None:
        lives = many_lives(count, longest=longest)
        self.servers = {number: Server(number, life) for number, life in enumerate(lives, start=1)}
        self.documents = list(self._documents())
        self.installation = Installation.of((one.stream, one.text) for one in self.documents)

    def _documents(self) -> Iterator[Document]:
        yield from organisation_documents()
        for server in self.servers.values():
            yield from server.documents()
