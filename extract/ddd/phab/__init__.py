"""The Conduit library: `from ddd.phab import Conduit`. It knows nothing of metrics.

`docs/conduit.md` shows every name with an example.
"""

from __future__ import annotations

from ddd.phab.cache import DataCache
from ddd.phab.client import Conduit
from ddd.phab.errors import (
    AuthenticationError,
    BadRequestError,
    ConduitError,
    CursorLostError,
    NotConduitError,
    NotFoundError,
    OverheatedError,
    PermissionDeniedError,
    RateLimitedError,
    ServerTroubleError,
    UnknownMethodError,
    UnreachableError,
    redact,
)
from ddd.phab.objects import (
    Application,
    Commit,
    PHObject,
    Policy,
    Project,
    ProjectColumn,
    Repository,
    Revision,
    Space,
    Task,
    Transaction,
    User,
)
from ddd.phab.phids import PHIDRef, is_phid
from ddd.phab.result import Result
from ddd.phab.shapes import as_map
from ddd.web.retries import RetryPolicy

__all__ = [
    "Application",
    "AuthenticationError",
    "BadRequestError",
    "Commit",
    "Conduit",
    "ConduitError",
    "CursorLostError",
    "DataCache",
    "NotConduitError",
    "NotFoundError",
    "OverheatedError",
    "PHIDRef",
    "PHObject",
    "PermissionDeniedError",
    "Policy",
    "Project",
    "ProjectColumn",
    "RateLimitedError",
    "Repository",
    "Result",
    "RetryPolicy",
    "Revision",
    "ServerTroubleError",
    "Space",
    "Task",
    "Transaction",
    "UnknownMethodError",
    "UnreachableError",
    "User",
    "as_map",
    "is_phid",
    "redact",
]
