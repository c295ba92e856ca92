"""What Data³ says when it cannot go on.

Every error that a person may meet is a `DataError`: one line that says what happened, to what, and
what to do next. `ddd.cli` prints it and exits with status 1; no traceback, no secret.
"""

from __future__ import annotations


class DataError(Exception):
    """Base of every expected failure; the message is written for the person who ran the command.

    Args:
        what: What happened and to what, one sentence without a full stop.
        remedy: What to do next, one sentence.
    """

    exit_status = 1
    """What `dddcli` ends with."""

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}. {remedy}" if remedy else what)


class SettingsError(DataError):
    """A setting is missing or makes no sense."""


class WarehouseError(DataError):
    """A warehouse file cannot be opened, read or written."""


class BusyError(WarehouseError):
    """Another process works on the site; nothing was done, and trying again later may succeed."""

    exit_status = 75  # EX_TEMPFAIL of sysexits.h


class SourceError(DataError):
    """A source cannot be reached or read; what it gave before is kept, and other sources go on."""


class TransformError(DataError):
    """dbt could not build or test the models."""


class ExportError(DataError):
    """The published file could not be written; the previous one is still in place."""


class OutdatedError(DataError):
    """A published file lacks what a page asks for, because an older Data³ wrote it.

    Args:
        lacks: What it lacks, as SQLite says it.
    """

    def __init__(self, lacks: str) -> None:
        super().__init__(
            f"The published figures were written by an older Data³ and lack what this needs ({lacks})",
            "Run: dddcli refresh",
        )


class ReportError(DataError):
    """The static report could not be built; the previous one is still in place."""


class RequestError(DataError):
    """What was to be asked of a server makes no sense, or may do more than was meant."""


class AnswerFileError(DataError):
    """A file that was given as a server's answer holds something else."""
