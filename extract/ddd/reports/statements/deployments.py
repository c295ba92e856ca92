"""What the deployment report says: the trains of the quarter, and DORA's measures of the last month."""

from __future__ import annotations

from collections.abc import Mapping

from ddd.reports.statements.saying import ANSWER, PLAIN, UNUSUAL, Said
from ddd.reports.tables import Row, Table
from ddd.wording import counted, day_text, joined, length, month_text, percent, quarter_text, were


def deployment_statements(tables: Mapping[str, Table]) -> list[Said]:
    """The quarter in short, the last trains, and each pipeline in its last complete month."""
    quarters = tables["train.train_quarters"].rows
    pipelines = [
        said
        for pipeline in _pipelines(tables)
        if (said := _pipeline(tables["train.deployments"].where(**pipeline, is_complete=True)))
    ]
    if quarters:
        return [Said(_quarters(quarters), ANSWER), *last_trains(tables), *pipelines]
    if pipelines:
        return [Said(pipelines[0].text, ANSWER), *pipelines[1:]]
    return [Said("No deployment is known.", ANSWER)]


def last_trains(tables: Mapping[str, Table]) -> list[Said]:
    """The last train, and the one before it where the last is under way."""
    trains = tables["train.trains"].rows
    shown = trains[:2] if trains and _is_under_way(trains[0]) else trains[:1]
    return [_train(train, tables["train.train_standing"].where(version=train["version"])) for train in shown]


def _is_under_way(train: Row) -> bool:
    return train["group2_at"] is None and not train["is_abandoned"]


def _train(train: Row, standing: list[Row]) -> Said:
    name = f"The train {train['version']}"
    if train["group2_at"] is not None:
        text = (
            f"{name} was on all groups on {day_text(train['group2_at'].date())}; from first to last "
            f"roll-forward it took {length(train['total_days'])}{_usual_length(standing)}"
        )
    elif train["is_abandoned"]:
        text = f"{name} never got to group2: the next one started before it did"
    else:
        reached = [group for group in ("group0", "group1") if train[f"{group}_at"] is not None]
        at = train[f"{reached[-1]}_at"] if reached else train["started_at"]
        step = f"got to {reached[-1]}" if reached else "started"
        text = f"{name} is under way: it {step} on {day_text(at.date())}"
    return Said(f"{text}. {_trouble(train)}", UNUSUAL if train["has_trouble"] else PLAIN, "train")


def _usual_length(standing: list[Row]) -> str:
    for row in standing:
        if row["measure"] == "first to last roll-forward" and row["trains_count"]:
            trains, usual = counted(row["trains_count"], "train"), length(row["usual_p50_value"])
            return f" (half of the {trains} of the year before: {usual} or less)"
    return ""


def _trouble(train: Row) -> str:
    so_far = " so far" if _is_under_way(train) else ""
    parts = []
    if train["rollbacks_count"]:
        hours = length(train["rollbacks_hours"], "hours")
        parts.append(f"it was rolled back {_times(train['rollbacks_count'])} ({hours})")
    if train["has_late_blocker"]:
        parts.append("a blocker was raised after group0")
    brought = ""
    if train["patches_count"]:
        brought = f" It brought {counted(train['patches_count'], 'patch', 'patches')}."
    if parts:
        return f"It had trouble{so_far}: {joined(parts)}.{brought}"
    return f"It had no trouble{so_far}.{brought}"


def _times(number: float) -> str:
    return {1: "once", 2: "twice"}.get(int(number), f"{number:.0f} times")


def _quarters(quarters: list[Row]) -> str:
    last, back = quarters[-1], quarters[-1]["rolled_back_trains_count"]
    text = (
        f"In {quarter_text(last['period_started_date'])} so far, {_of_trains(last)} had trouble: {back:.0f} "
        f"{were(back)} rolled back, and of {last['trains_with_late_blockers_count']:.0f} a blocker was "
        "raised after group0."
    )
    if len(quarters) > 1:
        before = quarters[-2]
        text += f" In {quarter_text(before['period_started_date'])} it was {_of_trains(before)}."
    return text


def _of_trains(quarter: Row) -> str:
    return f"{quarter['troubled_trains_count']:.0f} of {counted(quarter['trains_count'], 'train')}"


def _pipelines(tables: Mapping[str, Table]) -> list[dict[str, str]]:
    rows = tables["train.deployments"].rows
    return [
        {"pipeline": pipeline, "environment": environment}
        for pipeline, environment in dict.fromkeys((row["pipeline"], row["environment"]) for row in rows)
    ]


def _pipeline(months: list[Row]) -> Said | None:
    """The last complete month of a pipeline, with the month before where there is one."""
    if not months:
        return None
    row, before = months[-1], months[-2] if len(months) > 1 else None
    text = (
        f"{row['pipeline']} ({row['environment']}) was deployed {counted(row['deployments_count'], 'time')} "
        f"on {counted(row['deployment_days_count'], 'day')} in {month_text(row['period_started_date'])}"
    )
    text += f", after {before['deployments_count']:.0f} in the month before." if before else "."
    if row["failed_deployments_share"] is not None:
        text += (
            f" {row['failed_deployments_count']:.0f} of {row['judged_deployments_count']:.0f} failed "
            f"({percent(row['failed_deployments_share'])})"
        )
        if row["recovery_time_p50_hours"] is not None:
            text += (
                f"; half of those that recovered did within {length(row['recovery_time_p50_hours'], 'hours')}"
            )
        text += "."
    if row["committed_to_deployed_p50_days"] is not None:
        text += (
            f" Half of {counted(row['measured_changes_count'], 'change')} took "
            f"{length(row['committed_to_deployed_p50_days'])} or less from commit to deployment."
        )
    return Said(text, PLAIN, "dora")
