"""The order of it all: extract, build, export; and what a person is told about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ddd.built import Built
from ddd.errors import DataError
from ddd.export import Exported, export
from ddd.findings import findings_table
from ddd.journal import recorded
from ddd.settings import DEMO_NOTICE, Settings
from ddd.sources import WHAT_IS_NEW, Extracted, Wanted, chosen_sources
from ddd.tidying import tidy
from ddd.transform import build


@dataclass
class Refreshed:
    """What a refresh did, step by step.

    Attributes:
        failures: What went wrong with sources that failed while others came through.
        seconds: How long each step took.
        warnings: What a person should know, in the order of the steps.
    """

    extracted: dict[str, Extracted] = field(default_factory=dict)
    failures: dict[str, DataError] = field(default_factory=dict)
    built: Built | None = None
    exported: Exported | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def warnings(self) -> list[str]:
        """All warnings, in the order of the steps."""
        steps = [*self.extracted.values(), self.built, self.exported]
        return [warning for step in steps if step is not None for warning in step.warnings]


def refresh(settings: Settings, wanted: Wanted = WHAT_IS_NEW, *, console: Console | None = None) -> Refreshed:
    """Bring documents, warehouse and published files up to date.

    A source that fails does not stop the others: what they and earlier runs brought is built and published.

    Args:
        settings: Which site.
        wanted: What to fetch.
        console: Where to draw progress.

    Raises:
        DataError: No source came through, or a later step could not be done; what earlier
            runs published is still in place.
    """
    console = console or Console(quiet=True)
    done = Refreshed()
    with recorded(settings, "refresh", is_refresh=True) as journal:
        done.seconds = journal.seconds
        sources = chosen_sources(settings)
        tidy(settings, sources)
        for name, source in sources.items():
            try:
                with journal.step(f"extract {name}") as facts:
                    done.extracted[name] = source.extract(settings, wanted, console=console)
                    facts.update(done.extracted[name].facts)
            except DataError as error:
                done.failures[name] = error
        if done.failures and not done.extracted:
            raise failures_error(done.failures)
        with journal.step("build") as facts:
            done.built = build(settings, full=wanted.full, console=console)
            facts.update(done.built.facts)
        with journal.step("export") as facts:
            done.exported = export(settings, console=console)
            facts.update(done.exported.facts)
    return done


def failures_error(failures: Mapping[str, DataError]) -> DataError:
    """The error to tell where sources failed: its own where there is one, else all of them."""
    if len(failures) == 1:
        return next(iter(failures.values()))
    said = ". ".join(f"{name}: {error}" for name, error in failures.items())
    return DataError(f"{len(failures)} sources failed. {said}")


def print_summary(done: Refreshed, settings: Settings, console: Console) -> None:
    """Say what a refresh did: rows per table, seconds per step, warnings, and how to look at the result."""
    for name, extracted in done.extracted.items():
        console.print(
            f"{name}: {extracted.mode}, {extracted.requests_count:,} requests, "
            f"{extracted.bytes_count / 1e6:,.1f} MB, {extracted.changed_count:,} documents new or changed",
            soft_wrap=True,
        )
        console.print(_extraction_table(extracted))
    if done.exported:
        for path, size in done.exported.files.items():
            console.print(_export_table(done.exported, path))
            console.print(f"Published {escape(str(path))} ({size / 1e6:.1f} MB).")
    if done.built:
        console.print(done.built.summary)
        if done.built.findings:
            console.print(findings_table(done.built.findings))
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in done.seconds.items())
    console.print(f"Took {sum(done.seconds.values()):.1f} s: {steps}.")
    for name, error in done.failures.items():
        console.print(f"[red]Failed:[/] {name}: {escape(str(error))}", soft_wrap=True)
    for warning in done.warnings:
        console.print(f"[yellow]Warning:[/] {escape(warning)}.", soft_wrap=True)
    if settings.site.is_demo:
        console.print(f"[bold]{DEMO_NOTICE}[/] Set CONDUIT_URL and CONDUIT_TOKEN to measure your own.")
    console.print(
        "Look at the result:\n  make serve     dashboards in the browser\n  make reports   static report"
    )


def _extraction_table(extracted: Extracted) -> Table:
    table = Table()
    table.add_column("documents")
    table.add_column("fetched", justify="right")
    table.add_column("known", justify="right")
    for stream, known in extracted.known.items():
        if known or stream not in {"quarantine", "transaction_records"}:
            table.add_row(stream, f"{extracted.fetched.get(stream, 0):,}", f"{known:,}")
    return table


def _export_table(exported: Exported, path: Path) -> Table:
    table = Table(title=f"Tables of {path.name}", title_justify="left")
    table.add_column("table")
    table.add_column("rows", justify="right")
    rows = {name: exported.rows[name] for name in exported.tables[path]}
    for name, count in rows.items():
        if count:
            table.add_row(name, f"{count:,}")
    empty_count = sum(not count for count in rows.values())
    noun = "table is" if empty_count == 1 else "tables are"
    if empty_count:
        table.caption = f"{empty_count} more {noun} empty"
        table.caption_justify = "left"
    return table
