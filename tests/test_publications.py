"""Kill -9 at each moment of publishing: whoever looks sees one whole export, and the next comes through."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ddd.publications import hold, new_publication, served_files
from ddd.settings import PROJECT_DIR

NAMES = ["metrics.db", "train.db"]

# every call that changes a folder is a moment; "open" are the writes of the files themselves
PUBLISH_AND_DIE = """
import os, signal, sys
from pathlib import Path
from ddd.publications import new_publication

CHANGES = {"os.rename", "os.symlink", "os.mkdir", "os.link", "os.remove", "os.rmdir"}
counted = 0

def audit(event, _):
    global counted
    if event in CHANGES:
        counted += 1
        if counted == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(audit)
with new_publication(Path(sys.argv[1])) as folder:
    for name in ("metrics.db", "train.db"):
        (folder / name).write_text(sys.argv[3])
print(counted)
"""


def publish_and_die(www_dir: Path, moment: int, content: str) -> int:
    """Publish until a moment; how many moments there were is returned, where it was done before."""
    done = subprocess.run(
        [sys.executable, "-c", PUBLISH_AND_DIE, str(www_dir), str(moment), content],
        env={"PYTHONPATH": str(PROJECT_DIR / "extract")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return int(done.stdout) if done.stdout else 0


def publish(www_dir: Path, content: str) -> None:
    with new_publication(www_dir) as folder:
        for name in NAMES:
            (folder / name).write_text(content)


def seen(www_dir: Path) -> set[str]:
    """What is in the files that are served, and in those that people open."""
    served = served_files(www_dir)
    assert [path.name for path in served] == NAMES
    return {path.read_text() for path in [*served, *(www_dir / name for name in NAMES)]}


@pytest.mark.parametrize("was", ["published", "plain files"])
def test_killed_at_each_moment(tmp_path: Path, was: str) -> None:
    moment, count = 0, 10**9
    while moment < count:
        moment += 1
        www_dir = tmp_path / str(moment)
        www_dir.mkdir()
        if was == "published":
            publish(www_dir, "oldest")
            publish(www_dir, "old")
        else:  # as an older Data³ wrote them
            for name in NAMES:
                (www_dir / name).write_text("old")
        count = publish_and_die(www_dir, moment, "new") or count
        assert seen(www_dir) in ({"old"}, {"new"}), moment
        publish(www_dir, "newest")
        assert seen(www_dir) == {"newest"}, moment
        folders = [path.name for path in (www_dir / "exports").iterdir() if path.is_dir()]
        assert len([name for name in folders if name != "current"]) <= 2, moment
        assert not [name for name in folders if name.startswith(".")], moment
        assert sorted(path.name for path in www_dir.glob("*.db")) == NAMES
    assert moment > 5


def test_killed_at_each_moment_of_the_first_one(tmp_path: Path) -> None:
    moment, count = 0, 10**9
    while moment < count:
        moment += 1
        www_dir = tmp_path / str(moment)
        count = publish_and_die(www_dir, moment, "new") or count
        assert [path.name for path in served_files(www_dir)] in ([], NAMES), moment
        publish(www_dir, "newest")
        assert seen(www_dir) == {"newest"}, moment


def test_what_a_server_reads_is_not_removed(tmp_path: Path) -> None:
    publish(tmp_path, "first")
    files = served_files(tmp_path)
    script = (
        "import sys; from pathlib import Path; from ddd.publications import hold;"
        "hold(map(Path, sys.argv[1:])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, *map(str, files)],
        env={"PYTHONPATH": str(PROJECT_DIR / "extract")},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        assert server.stdout.readline() == "held\n"
        for content in ("second", "third", "fourth"):
            publish(tmp_path, content)
            assert [path.read_text() for path in files] == ["first", "first"]
        server.kill()
    publish(tmp_path, "fifth")
    assert [path for path in files if path.exists()] == []
    assert hold(served_files(tmp_path))
