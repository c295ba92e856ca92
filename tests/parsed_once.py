"""Builds of the tests share what dbt parses: the same for all documents, and a third of a small build."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest


class ParsedOnce(dbtRunner):
    """dbt's own runner, which is given the project as it was parsed for an earlier build."""

    def __init__(self, *listeners: Any) -> None:
        super().__init__(callbacks=list(listeners))

    def invoke(self, args: list[str], **kwargs: Any) -> dbtRunnerResult:
        """Run a command; each has a copy of its own, for it writes into what was parsed."""
        if args[0] not in {"build", "run"}:
            return super().invoke(args, **kwargs)
        common = tuple(args[args.index("--project-dir") :])
        # the names of relations hold that of the warehouse, and seeds may be an installation's own
        known = (Path(os.environ["DDD_WAREHOUSE"]).stem, os.environ["DDD_SEEDS"], os.environ.get("DDD_GROWS"))
        self.manifest = _parsed(common, *known).deepcopy()
        return super().invoke(args, **kwargs)


@cache
def _parsed(common: tuple[str, ...], *_: str | None) -> Manifest:
    result = dbtRunner().invoke(["parse", *common])
    if result.exception:
        raise result.exception
    assert isinstance(result.result, Manifest)
    return result.result
