"""`dddcli train`: what blocked a train, and its story."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from ddd.commands.completion import complete_version
from ddd.commands.terminal import console
from ddd.settings import load_settings
from ddd.tabular import printable

if TYPE_CHECKING:
    from ddd.trains import Row, Train

_WIDE = 130

app = typer.Typer(
    no_args_is_help=True,
    help="MediaWiki trains: what blocked them, and how they went.",
    epilog="Example: dddcli train blockers all",
)


@app.command("blockers", epilog="Example: dddcli train blockers 1.37.0-wmf.4 --format csv")
def blockers(
    versions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[VERSION…|all]",
            help="Trains, such as 1.37.0-wmf.4; all of them where none is named.",
            autocompletion=complete_version,
            show_default=False,
        ),
    ] = None,
    output_format: Annotated[
        Literal["table", "json", "csv"],
        typer.Option("--format", help="table for people, json: a list of objects, csv with a header."),
    ] = "table",
) -> None:
    """Print what blocked trains: when, by whom, in which group it was found, and how it ended.

    Everything comes from www/train.db, as the last refresh published it; times are UTC.
    """
    from ddd.trains import read_blockers

    rows = read_blockers(load_settings().trains_path, versions or ["all"])
    if output_format == "json":
        json.dump(rows, sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    elif output_format == "csv":
        _write_csv(rows)
    elif rows:
        console.print(_blockers_table(rows))
        blockers_count = len({(row["version"], row["blocker_task_phid"]) for row in rows})
        trains_count = len({row["version"] for row in rows})
        console.print(f"{_counted(blockers_count, 'blocker')} of {_counted(trains_count, 'train')}.")
    else:
        console.print("Nothing blocked them.")


@app.command("show", epilog="Example: dddcli train show 1.37.0-wmf.4")
def show(
    version: Annotated[
        str, typer.Argument(help="A train, such as 1.37.0-wmf.4.", autocompletion=complete_version)
    ],
) -> None:
    """Tell one train's story: deployments, groups, patches and blockers. Times are UTC."""
    from ddd.trains import read_train

    train = read_train(load_settings().trains_path, version)
    for name, text in _facts(train):
        console.print(f"[bold]{name:<13}[/] {escape(printable(text))}", soft_wrap=True)
    table = Table(
        "when", "", "group", "wikis", "by", "commit message", title="Deployments", title_justify="left"
    )
    for one in train.deployments:
        table.add_row(
            *(_when(one["deployed_at"]), "[red]rollback[/]" if one["is_rollback"] else "forward"),
            *(one["group_name"] or "", f"{one['wikis_count']:,}", _text(one["deployed_by"])),
            _text(one["subject"]),
        )
    console.print(table)
    if train.blockers:
        console.print(_blockers_table(train.blockers))
    else:
        console.print("No blockers are known.")


def _facts(train: Train) -> list[tuple[str, str]]:
    facts = train.facts
    found = [
        ("train", facts["version"]),
        ("conductor", facts["conductor"] or "not known"),
        ("started", _when(facts["started_at"])),
        ("last step", f"{_when(facts['ended_at'])}, {facts['total_seconds'] / 86400:.1f} days later"),
    ]
    for group in ("group0", "group1", "group2"):
        days, at = facts[f"{group}_delay_days"], facts[f"{group}_at"]
        late = "" if days is None else " on time" if days == 0 else f" {_counted(days, 'day')} late"
        found.append((group, f"{_when(at)}{late}" if at else "never"))
    hours = facts["rollbacks_seconds"] / 3600
    backs = facts["rollbacks_count"]
    found.append(("rollbacks", f"{backs}, for {hours:.1f} hours" if backs else "none"))
    patches = "not known"
    if train.patches_count is not None:
        patches = f"{train.patches_count:,}, and {_counted(train.backports_count or 0, 'backport')}"
    found += [
        ("patches", patches),
        ("blockers", str(len({row["blocker_task_phid"] for row in train.blockers}))),
        ("trouble", "yes" if train.has_trouble else "none"),
    ]
    return found


def _blockers_table(rows: list[Row]) -> Table:
    # in 80 columns days without names have to do, and only the title may give way
    is_narrow = console.width < _WIDE
    cells = [_blocker_cells(row, _day if is_narrow else _when) for row in rows]
    has_people = not is_narrow and any(one["by"] for one in cells)
    names = [
        name for name in ("train", "task", "added", "found in", "ended", "by") if name != "by" or has_people
    ]
    table = Table(title="Blockers", title_justify="left", padding=0 if is_narrow else (0, 1))
    taken = 1
    for name in names:
        table.add_column(name, no_wrap=True)
        taken += max(len(name), *(len(one[name]) for one in cells)) + (1 if is_narrow else 3)
    room = console.width - taken - (1 if is_narrow else 3)
    table.add_column("title", no_wrap=True, overflow="ellipsis", max_width=max(room, 8))
    for one in cells:
        table.add_row(*(escape(one[name]) for name in (*names, "title")))
    return table


def _blocker_cells(row: Row, at: Callable[[str | None], str]) -> dict[str, str]:
    task = row["blocker_task_id"]
    people = [row[name] for name in ("blocked_by", "unblocked_by") if row[name]]
    return {
        "train": row["version"],
        "task": "unknown" if task is None else f"T{task}",
        "added": at(row["blocked_at"]),
        "found in": row["group_name"] or "no group",
        "ended": f"{row['unblocked_how']} {at(row['unblocked_at'])}" if row["unblocked_how"] else "blocks",
        "by": printable(", ".join(dict.fromkeys(people))),
        "title": printable(row["blocker_title"] or ""),
    }


def _write_csv(rows: list[Row]) -> None:
    from ddd.trains import BLOCKER_COLUMNS

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(BLOCKER_COLUMNS)
    writer.writerows([row[name] for name in BLOCKER_COLUMNS] for row in rows)


def _when(at: str | None) -> str:
    return at[:16].replace("T", " ") if at else ""


def _day(at: str | None) -> str:
    return at[:10] if at else ""


def _text(value: Any) -> str:
    return escape(printable(str(value or "")))


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'s' * (count != 1)}"
