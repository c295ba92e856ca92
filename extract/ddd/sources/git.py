"""Runs git for the sources that read repositories: never asks anybody, never waits for ever.

A repository on this machine is read where it is. Any other (an address, a bundle) is followed by a bare
clone in the site's folder, without file contents where the server permits; what is to be read is then fetched
all at once.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ddd.errors import SourceError

READING_SECONDS = 600
FETCHING_SECONDS = 3600
"""How long git may take: for what is on this machine, and for what comes from elsewhere."""

_FOLLOWED = "refs/heads/followed"
_BLOBS_AT_ONCE = 500
_LOCATES = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"}


class GitError(SourceError):
    """Git is not there, or could not do what was asked of it."""


@dataclass(frozen=True)
class Repository:
    """A git repository that can be read.

    Attributes:
        folder: Where it is on this machine.
        name: What messages call it: the path or address that was given.
        revision: The branch that is followed.
        is_partial: Whether contents of files may still have to be fetched.
    """

    folder: Path
    name: str
    revision: str
    is_partial: bool = False

    def run(self, *arguments: str, given: bytes | None = None, seconds: int = READING_SECONDS) -> bytes:
        """What git prints.

        Raises:
            GitError: It failed, or took too long.
        """
        return run_git("-C", str(self.folder), *arguments, about=self.name, given=given, seconds=seconds)

    def is_empty(self) -> bool:
        """Whether it has no commit yet."""
        try:
            self.run("rev-parse", "--verify", "--quiet", f"{self.revision}^{{commit}}")
        except GitError:
            return True
        return False

    def contents(
        self, blob_ids: Sequence[str], advance: Callable[[int], None] = lambda _: None
    ) -> Iterator[tuple[str, bytes]]:
        """Each of these files' ids with its content, in the order given; an id that occurs twice comes once.

        Args:
            blob_ids: Ids of blobs.
            advance: Is told how many were read, for a progress bar.

        Raises:
            GitError: One is not there, or cannot be fetched.
        """
        wanted = list(dict.fromkeys(blob_ids))
        for start in range(0, len(wanted), _BLOBS_AT_ONCE):
            group = wanted[start : start + _BLOBS_AT_ONCE]
            answer = self.run("cat-file", "--batch", given="".join(f"{one}\n" for one in group).encode())
            yield from _split_batch(answer, self.name)
            advance(len(group))

    def fetch_contents(self, blob_ids: Sequence[str]) -> None:
        """Fetch what a clone without contents lacks, in one request: read one by one, each would be its own.

        Raises:
            GitError: They cannot be fetched.
        """
        if not self.is_partial or not blob_ids:
            return
        self.run(
            *("-c", "fetch.negotiationAlgorithm=noop", "fetch", "origin", "--quiet", "--no-tags"),
            *("--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin"),
            given="".join(f"{one}\n" for one in dict.fromkeys(blob_ids)).encode(),
            seconds=FETCHING_SECONDS,
        )


def open_repository(where: str, clone: Path, *, variable: str) -> Repository:
    """Open a repository, and bring its clone up to date where it is not a folder of this machine.

    Args:
        where: Path of a clone (bare or not) or of a bundle, or an address.
        clone: Folder for our own clone.
        variable: The variable that says where it is, for messages.

    Raises:
        GitError: There is none, it cannot be reached, or the address holds a password.
    """
    if not _is_address(where):
        path = Path(where).expanduser().resolve()
        if not path.exists():
            raise GitError(f"{path} does not exist", f"Set {variable} to a git repository's path or address")
        if path.is_dir():
            return _local(path, variable)
        where = str(path)
    elif urlsplit(where).password:
        raise GitError(
            f"{variable} for {urlsplit(where).hostname} holds a password",
            "Give the plain address there, and let git's credential helper or an SSH key do the rest",
        )
    return _followed(where, clone, variable)


def _is_address(where: str) -> bool:
    return "://" in where or re.fullmatch(r"[^/\s]+@[^/\s:]+:\S+", where) is not None


def _local(path: Path, variable: str) -> Repository:
    try:
        run_git("-C", str(path), "rev-parse", "--git-dir", about=str(path))
    except GitError as error:
        if "not a git repository" not in error.what:
            raise
        raise GitError(
            f"{path} is not a git repository", f"Set {variable} to the path or address of one"
        ) from None
    return Repository(path, str(path), "HEAD")


def _followed(where: str, clone: Path, variable: str) -> Repository:
    if not (clone / "HEAD").exists():
        clone.mkdir(parents=True, exist_ok=True)
        run_git("init", "--quiet", "--bare", str(clone), about=where)
    for key, value in (
        ("remote.origin.url", where),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"),
    ):
        run_git("-C", str(clone), "config", key, value, about=where)
    try:
        branch = _branch(clone, where)
        if branch:
            run_git(
                *("-C", str(clone), "fetch", "--quiet", "--no-tags", "--filter=blob:none", "--force"),
                *("origin", f"+{branch}:{_FOLLOWED}"),
                about=where,
                seconds=FETCHING_SECONDS,
            )
    except GitError as error:
        raise GitError(error.what, f"Check {variable}; what was fetched before is kept") from None
    is_partial = any((clone / "objects" / "pack").glob("*.promisor"))
    return Repository(clone, where, _FOLLOWED, is_partial)


def _branch(clone: Path, where: str) -> str:
    """The branch to follow: the one that HEAD names, else main or master, else the only one."""
    listed = run_git("-C", str(clone), "ls-remote", "origin", about=where, seconds=READING_SECONDS)
    refs = [line.split("\t", 1)[1] for line in listed.decode(errors="replace").splitlines() if "\t" in line]
    branches = [ref for ref in refs if ref.startswith("refs/heads/")]
    for ref in ("HEAD", "refs/heads/main", "refs/heads/master", *branches):
        if ref in refs:
            return ref
    return ""


def run_git(*arguments: str, about: str, given: bytes | None = None, seconds: int = READING_SECONDS) -> bytes:
    """Run git and return what it prints.

    Args:
        arguments: Its arguments.
        about: The repository's path or address, for messages.
        given: Its standard input.
        seconds: How long it may take.

    Raises:
        GitError: It is not installed, failed, or took too long; the message is git's first line.
    """
    # a repository of another account is only read, and the operator named it
    fixed = ("-c", "safe.directory=*", "-c", "core.quotePath=false", "-c", "gc.auto=0")
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *fixed, *arguments],  # noqa: S607
            input=given if given is not None else b"",
            capture_output=True,
            timeout=seconds,
            env=_environ(),
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is not installed", "Install it, such as with: apt install git") from None
    except subprocess.TimeoutExpired:
        raise GitError(
            f"git took longer than {seconds} s for {about}", "Check the connection, then run again"
        ) from None
    if done.returncode:
        raise GitError(f"git could not read {about}: {_reason(done.stderr)}", "Check the path or address")
    return done.stdout


def _environ() -> dict[str, str]:
    """The process's own, so that proxies and keys work, but nobody is asked and nothing translated."""
    environ = {name: value for name, value in os.environ.items() if name not in _LOCATES}
    environ.setdefault("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o ConnectTimeout=20")
    return environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS": "true", "LC_ALL": "C"}


def _reason(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    said = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines or ["no reason given"]
    text = re.sub(r"^(fatal|error):\s*", "", said[0])
    return re.sub(r"//[^/@\s]+@", "//", text)[:300]  # git repeats user names and passwords of addresses


def _split_batch(answer: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Split what `git cat-file --batch` prints: a line `<id> blob <size>`, the content, an end of line."""
    place = 0
    while place < len(answer):
        end = answer.index(b"\n", place)
        words = answer[place:end].decode().split(" ")
        if len(words) != 3:
            raise GitError(f"{name} lacks the object {words[0]}", "Check it with: git fsck")
        start, size = end + 1, int(words[2])
        yield words[0], answer[start : start + size]
        place = start + size + 1
