"""Small git repositories of deployed versions, written commit by commit at chosen times."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

FILE = "wikiversions.json"


class Repository:
    """A repository with a branch `master`.

    Args:
        folder: Where it is made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=master")
        self.versions: dict[str, str] = {}

    def git(self, *arguments: str, at: datetime | None = None, by: str = "Ada") -> str:
        """Run git in it, as a person and at a time."""
        stamp = f"{int((at or datetime(2026, 1, 1, tzinfo=UTC)).timestamp())} +0000"
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        for role in ("AUTHOR", "COMMITTER"):
            environ |= {
                f"GIT_{role}_NAME": by,
                f"GIT_{role}_EMAIL": f"{by.lower().replace(' ', '-')}@example.org",
                f"GIT_{role}_DATE": stamp,
            }
        command = ["git", "-C", str(self.folder), "-c", "commit.gpgsign=false", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout.strip()

    def deploy(self, at: datetime, *, by: str = "Ada", **versions: str | None) -> str:
        """Commit other versions of some wikis, none for one that is removed; returns the commit's id."""
        for wiki, version in versions.items():
            if version is None:
                self.versions.pop(wiki)
            else:
                self.versions[wiki] = version if "wmf" not in version else f"php-{version}"
        return self.write(json.dumps(self.versions, indent=4), at, by=by)

    def write(self, text: str, at: datetime, *, by: str = "Ada", subject: str = "Deploy") -> str:
        """Commit a content of the file; returns the commit's id."""
        (self.folder / FILE).write_text(text)
        self.git("add", FILE)
        self.git("commit", "--quiet", "--message", subject, at=at, by=by)
        return self.git("rev-parse", "HEAD")
