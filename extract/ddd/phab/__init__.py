"""The Conduit library: `from ddd.phab import Conduit`. It knows nothing of metrics."""

from __future__ import annotations

from ddd.phab.client import Conduit
from ddd.phab.errors import ConduitError

__all__ = ["Conduit", "ConduitError"]
