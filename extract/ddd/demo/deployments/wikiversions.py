"""A git repository whose `wikiversions.json` says which version ran on which wiki since when."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ddd.demo.organisation.history import Organisation
from ddd.demo.organisation.trains import Deployment
from ddd.errors import SourceError

GROUPS = (
    ("mediawikiwiki", "test2wiki", "testwiki", "testwikidatawiki"),
    ("cawiki", "commonswiki", "hewiki", "itwiki", "metawiki", "wikidatawiki", "wikitechwiki"),
    ("dewiki", "enwiki", "eswiki", "frwiki", "jawiki", "nlwiki", "plwiki", "ruwiki", "svwiki", "zhwiki"),
)
"""The wikis of each group of the train; the repository has these alone."""


@dataclass(frozen=True)
class Step:
    """A deployment that changed what runs.

    Attributes:
        deployment: It.
        versions: What each group runs after it.
    """

    deployment: Deployment
    versions: tuple[str, ...]


def steps(deployments: list[Deployment]) -> Iterator[Step]:
    """The deployments that change something, in the order of time.

    A promotion does nothing where a group has a newer version already, as the next week's train overtook it;
    a rollback does nothing where the group does not run that version.
    """
    if not deployments:
        return
    first = _before(deployments[0].version)
    running, earlier = [first] * len(GROUPS), [first] * len(GROUPS)
    for one in deployments:
        now = running[one.group_number]
        if one.action == "promote" and _order(one.version) > _order(now):
            earlier[one.group_number] = now
            running[one.group_number] = one.version
        elif one.action == "rollback" and one.version == now:
            running[one.group_number] = earlier[one.group_number]
        else:
            continue
        yield Step(one, tuple(running))


def write_repository(organisation: Organisation, path: Path) -> None:
    """Write the bare repository anew: the same deployments give the same commits.

    Raises:
        SourceError: There is no git, or the folder cannot be written.
    """
    beside = path.with_name(f"{path.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        _git("init", "-q", "--bare", "-b", "master", str(beside))
        _git("-C", str(beside), "fast-import", "--quiet", typed="".join(_commands(organisation)))
    except (OSError, subprocess.CalledProcessError) as error:
        raise SourceError(
            f"The simulated repository {path} cannot be written: {error}", "Install git, and check the folder"
        ) from None
    shutil.rmtree(path, ignore_errors=True)
    beside.rename(path)


def _git(*arguments: str, typed: str = "") -> None:
    command = ["git", *arguments]
    subprocess.run(command, input=typed.encode(), check=True, capture_output=True)  # noqa: S603 - our words


def _commands(organisation: Organisation) -> Iterator[str]:
    names = _names(organisation)
    found = list(steps(organisation.deployments))
    if not found:
        return
    began = int(found[0].deployment.deployed_at.timestamp()) - 7 * 86_400
    first = _before(found[0].deployment.version)
    yield _commit(began, "jenkins-bot", "jenkins-bot", "Add wikiversions.json", (first,) * len(GROUPS))
    for step in found:
        one = step.deployment
        subject = f"group{one.group_number} wikis to {one.version}"
        if one.action == "rollback":
            subject = f'Revert "{subject}"'
        task_id = one.blocker_task_id or one.train_task_id
        name = names.get(one.username, one.username)
        yield _commit(
            int(one.deployed_at.timestamp()),
            name,
            one.username,
            f"{subject}\n\nBug: T{task_id}",
            step.versions,
        )


def _commit(at: int, name: str, username: str, message: str, versions: tuple[str, ...]) -> str:
    wikis = {
        wiki: f"php-{version}" for group, version in zip(GROUPS, versions, strict=True) for wiki in group
    }
    content = json.dumps(dict(sorted(wikis.items())), indent=4) + "\n"
    # fast-import counts bytes; names may have letters of more than one
    return (
        f"commit refs/heads/master\ncommitter {name} <{username}@example.org> {at} +0000\n"
        f"data {len(message.encode())}\n{message}\n"
        f"M 100644 inline wikiversions.json\ndata {len(content)}\n{content}\n"
    )


def _names(organisation: Organisation) -> dict[str, str]:
    users: list[dict[str, Any]] = [json.loads(user)["fields"] for user in organisation.users]
    return {user["username"]: re.sub(r"[<>\x00-\x1f]", "", user["realName"]).strip() for user in users}


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _before(version: str) -> str:
    _, minor, _, week = _order(version)
    return f"1.{minor}.0-wmf.{week - 1}" if week > 1 else f"1.{minor - 1}.0-wmf.26"
