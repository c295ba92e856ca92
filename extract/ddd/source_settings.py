"""What the sources of deployments need to know: files, repositories and the address of Gerrit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from ddd import variables
from ddd.errors import SettingsError


@dataclass(frozen=True)
class GerritSettings:
    """Where patches come from; nothing where neither an address nor a file is given.

    Attributes:
        url: Address of the Gerrit server without `/changes/`, ending in `/`; empty for none.
        user: Account for HTTP basic authentication; empty for an anonymous reader.
        token: That account's HTTP password; never printed.
        patches_file: CSV of the patches of past trains, also compressed as `.gz`.
    """

    url: str = ""
    user: str = ""
    token: str = ""
    patches_file: Path | None = None

    def __repr__(self) -> str:
        return f"GerritSettings(url={self.url!r}, user={self.user!r}, patches_file={self.patches_file!r})"


@dataclass(frozen=True)
class DeliverySettings:
    """Where deployments of anything but the train come from.

    Attributes:
        file: CSV or NDJSON of deployments.
        incidents_file: CSV or NDJSON of incidents.
        repo: Path or address of a git repository whose tags are deployments; empty for none.
        tags: Which tags are, as a pattern of file names.
        environment: Where those tags were deployed to.
    """

    file: Path | None = None
    incidents_file: Path | None = None
    repo: str = ""
    tags: str = "v*"
    environment: str = "production"


def gerrit_settings(environ: Mapping[str, str]) -> GerritSettings:
    """Read the variables `GERRIT_*`.

    Raises:
        SettingsError: The address is none, or holds what belongs in another variable.
    """
    url = environ.get("GERRIT_URL", "").strip()
    user, token = environ.get("GERRIT_USER", "").strip(), environ.get("GERRIT_TOKEN", "").strip()
    if url:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingsError("GERRIT_URL is not an address", "Write it as https://gerrit.example.org/r/")
        if parts.username or parts.password or parts.query:
            raise SettingsError(
                f"GERRIT_URL for {parts.hostname} holds a user name, a password or a query",
                "Give the plain address there, and the account in GERRIT_USER and GERRIT_TOKEN",
            )
        url = url.rstrip("/") + "/"
    if bool(user) != bool(token):
        given, missing = ("GERRIT_USER", "GERRIT_TOKEN") if user else ("GERRIT_TOKEN", "GERRIT_USER")
        raise SettingsError(
            f"{given} is set, but {missing} is not", "Set both, or neither to read as anybody"
        )
    return GerritSettings(
        url=url, user=user, token=token, patches_file=variables.path(environ, "GERRIT_PATCHES_FILE")
    )


def delivery_settings(environ: Mapping[str, str]) -> DeliverySettings:
    """Read the variables `DELIVERY_*`."""
    return DeliverySettings(
        file=variables.path(environ, "DELIVERY_FILE"),
        incidents_file=variables.path(environ, "DELIVERY_INCIDENTS_FILE"),
        repo=environ.get("DELIVERY_REPO", "").strip(),
        tags=environ.get("DELIVERY_TAGS", "").strip() or "v*",
        environment=environ.get("DELIVERY_ENVIRONMENT", "").strip() or "production",
    )


class OtherSources(TypedDict, total=False):
    """Settings of the sources beside Phabricator."""

    mediawiki_config_repo: str
    gerrit: GerritSettings
    delivery: DeliverySettings


def demo_sources(folder: Path) -> OtherSources:
    """The files of the simulated organisation's deployments, which its server writes there."""
    return OtherSources(
        mediawiki_config_repo=str(folder / "wikiversions.git"),
        gerrit=GerritSettings(patches_file=folder / "patches.csv"),
        delivery=DeliverySettings(
            file=folder / "deployments.ndjson", incidents_file=folder / "incidents.ndjson"
        ),
    )


def other_sources(environ: Mapping[str, str]) -> OtherSources:
    """Settings of the sources beside Phabricator that are configured.

    Raises:
        SettingsError: An address is none, or holds what belongs in another variable.
    """
    found = OtherSources()
    repo = environ.get("MEDIAWIKI_CONFIG_REPO", "").strip()
    gerrit, delivery = gerrit_settings(environ), delivery_settings(environ)
    if repo:
        found["mediawiki_config_repo"] = repo
    if gerrit.url or gerrit.patches_file:
        found["gerrit"] = gerrit
    if delivery.file or delivery.incidents_file or delivery.repo:
        found["delivery"] = delivery
    return found
