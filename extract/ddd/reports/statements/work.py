"""What the weekly report and the reports of single projects say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from ddd.reports.statements.deployments import last_trains
from ddd.reports.statements.saying import ANSWER, PLAIN, UNUSUAL, Said, by_size, headline, is_unusual
from ddd.reports.tables import Row, Table
from ddd.wording import counted, day_text, days_text, joined, length, month_text, percent, were

WEEKS = 12
"""Over so many weeks the expectation is looked at: a single week has few tasks."""
PROJECTS = 8
"""So many figures of single projects the weekly report tells."""


def weekly_statements(tables: Mapping[str, Table]) -> list[Said]:
    """The answer, every figure of the last week, the expectation, aging work, projects, and the train."""
    (about,) = tables["metrics.about"].rows
    if about["last_week_date"] is None:
        return [Said("No week of work on tasks is over yet.", ANSWER), *last_trains(tables)]
    last = tables["metrics.headlines"].where(is_last_week=True)
    rows = [row for row in last if row["project_phid"] == "all"]
    week = days_text(about["last_week_date"], about["last_week_date"] + timedelta(days=6))
    said = [Said(_week_in_short(rows, week), ANSWER)]
    said += [Said(headline(row), UNUSUAL if is_unusual(row) else PLAIN, "flow") for row in rows]
    said += _expectation(tables, "all")
    said += _work_in_progress(tables, "all")
    said += last_trains(tables)
    return said + _single_projects(tables, [row for row in last if row["project_phid"] != "all"])


def project_statements(tables: Mapping[str, Table]) -> dict[str, list[Said]]:
    """The same of every reported project, what is unusual first."""
    last: dict[str, list[Row]] = defaultdict(list)
    for row in tables["metrics.headlines"].where(is_last_week=True):
        last[row["project_phid"]].append(row)
    return {
        project["project_phid"]: _project(tables, project, last[project["project_phid"]])
        for project in tables["metrics.projects"].rows
        if project["project_phid"] != "all"
    }


def _project(tables: Mapping[str, Table], project: Row, rows: list[Row]) -> list[Said]:
    phid, name = project["project_phid"], project["project_path"]
    (about,) = tables["metrics.about"].rows
    unusual = by_size(rows)
    months = tables["metrics.cycle_time"].where(project_phid=phid)
    month = _month(months[-1], name) if months else _no_month(name)
    if unusual:
        said = [Said(headline(unusual[0], name), ANSWER), Said(month, PLAIN, "time")]
    elif judged := [row for row in rows if row["verdict"] == "usual"]:
        week = day_text(about["last_week_date"])
        figures = "Every figure" if len(judged) == len(rows) else "Every figure that has a usual range"
        verb = "" if len(judged) == len(rows) else "it"
        said = [
            Said(f"{month} {figures} of the week of {week} was within {verb or 'its usual range'}.", ANSWER)
        ]
    elif rows:
        said = [Said(f"{month} There are too few weeks to say what is usual.", ANSWER)]
    else:
        said = [Said(f"{month} In the last week no task was open, and none was closed.", ANSWER)]
    said += [
        Said(headline(row), UNUSUAL if is_unusual(row) else PLAIN, "flow")
        for row in rows
        if row["verdict"] in {"usual", "above", "below"} and row not in unusual[:1]
    ]
    return said + _expectation(tables, phid) + _work_in_progress(tables, phid)


def _no_month(name: str) -> str:
    return f"No task of {name} was both started and closed in a complete month of the last two years."


def _month(row: Row, name: str) -> str:
    tasks, month = row["finished_tasks_count"], month_text(row["period_started_date"])
    half = length(row["cycle_time_p50_days"])
    if tasks == 1:
        return f"The one task of {name} finished in {month} took {half} from start to close."
    return (
        f"Of {counted(tasks, 'task')} of {name} finished in {month}, half took {half} or less from start to "
        f"close, and 85 % took {length(row['cycle_time_p85_days'])} or less."
    )


def _week_in_short(rows: list[Row], week: str) -> str:
    values = {row["figure"]: row["figure_value"] for row in rows}
    closed, created = values.get("closed tasks", 0), values.get("created tasks", 0)
    text = (
        f"In the week of {week}, {counted(closed, 'task')} {were(closed)} closed and "
        f"{f'{created:,.0f}' if created else 'none'} created."
    )
    unusual = [row["figure"] for row in rows if is_unusual(row)]
    judged = [row for row in rows if row["verdict"] in {"usual", "above", "below"}]
    if unusual:
        return f"{text} Beyond the usual range: {joined(unusual)}."
    if not judged:
        return f"{text} There are too few weeks to say what is usual."
    if len(judged) == len(rows):
        return f"{text} Every figure was within its usual range."
    return f"{text} Every figure that has a usual range was within it."


def _expectation(tables: Mapping[str, Table], project: str) -> list[Said]:
    (about,) = tables["metrics.about"].rows
    weeks = tables["metrics.service_level"].where(project_phid=project)
    if not weeks or weeks[-1]["period_started_date"] != about["last_week_date"]:
        return []
    last, recent = weeks[-1], weeks[-WEEKS:]
    finished = sum(row["finished_tasks_count"] for row in recent)
    within = sum(row["tasks_within_expectation_count"] for row in recent)
    text = (
        f"{last['service_level_percentile']:.0f} % of tasks are expected to be finished within "
        f"{length(last['expected_cycle_time_days'])} of their start. {_kept(last)}"
    )
    if finished > last["finished_tasks_count"]:
        text += (
            f"; in the last {len(recent)} weeks with an expectation it was {within:,} of {finished:,} "
            f"({percent(within / finished)})"
        )
    text += "."
    if not last["has_enough_tasks"]:
        text += f" That expectation rests on {counted(last['window_tasks_count'], 'task')} only."
    return [Said(text, PLAIN, "service level")]


def _kept(week: Row) -> str:
    """How many tasks of a week were finished as quickly as expected."""
    finished, within = week["finished_tasks_count"], week["tasks_within_expectation_count"]
    if not finished:
        return "No task was finished in the week"
    if finished == 1:
        return f"The one task finished in the week {'was' if within else 'was not'}"
    some = "all" if within == finished else f"{within}" if within else "none"
    return (
        f"Of {counted(finished, 'task')} finished in the week, {some} {were(within)} "
        f"({percent(week['within_expectation_share'])})"
    )


def _work_in_progress(tables: Mapping[str, Table], project: str) -> list[Said]:
    found = tables["metrics.work_in_progress"].where(project_phid=project)
    if not found:
        return [Said("No task is in progress.", PLAIN, "aging")]
    (row,) = found
    (oldest,) = tables["metrics.aging_work"].where(project_phid=project, place=1)
    wip, beyond = row["wip_count"], row["beyond_expectation_count"]
    text = f"{counted(wip, 'task')} {'is' if wip == 1 else 'are'} in progress"
    if beyond is None:
        text += "; too little was finished lately to say how long that should take."
    else:
        if wip == 1:
            some = "" if beyond else "not yet "
        else:
            some = f"{beyond} of them " if beyond else "none of them "
        text += f", {some}for longer than the expected {length(row['expected_cycle_time_days'])}."
    text += (
        f" {'It is' if wip == 1 else 'The oldest is'} T{oldest['task_id']} “{oldest['title']}”, "
        f"for {length(oldest['work_item_age_days'])}."
    )
    return [Said(text, UNUSUAL if beyond else PLAIN, "aging")]


def _single_projects(tables: Mapping[str, Table], rows: list[Row]) -> list[Said]:
    names = {row["project_phid"]: row["project_path"] for row in tables["metrics.projects"].rows}
    unusual = by_size(rows)
    if not unusual:
        return [Said("No single project had a figure beyond its usual range.", PLAIN, "projects")]
    said = [
        Said(headline(row, names[row["project_phid"]]), UNUSUAL, "projects") for row in unusual[:PROJECTS]
    ]
    if (left := len(unusual) - PROJECTS) > 0:
        text = f"{counted(left, 'more figure')} of single projects {were(left)} beyond the usual range."
        said.append(Said(text, PLAIN, "projects"))
    return said
