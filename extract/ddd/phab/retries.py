"""Which methods may be sent again: those that change nothing."""

from __future__ import annotations

import re

_READS = re.compile(
    r"(search|info|lookup|find|ping|whoami|history|transactions|given|blame|download"
    r"|get(?!certificate)\w+|query\w*|\w+query)"
)


def is_read(method: str) -> bool:
    """Whether a method is known to change nothing, by its name.

    Anything else counts as a write, so that a method nobody thought of is never sent twice.
    """
    return _READS.fullmatch(method.rpartition(".")[2]) is not None
