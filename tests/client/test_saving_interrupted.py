"""Processes that are killed while they save: no name stands for less than a whole file, and leftovers are removed."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from pixola_ext import Batch, Image
from pixola_ext._io.temporary import create_temporary, delete_leftovers, delete_temporary
from tests.support.pictures import GIF, PNG
from tests.support.wire import reply

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and kills as POSIX has them")

# Publishes a picture in one child process after the other, each of which kills itself one file operation later than
# the child before, until one comes to its end. Prints what each of them left.
KILLED_LATER_AND_LATER: Final = """
import json, os, signal, sys
from pathlib import Path
from pixola_ext._flows.file_effects import Publish
from pixola_ext._io.files import publish
from pixola_ext._io.temporary import create_temporary, delete_leftovers
from pixola_ext._pictures.metadata import Provenance

picture, suffix, links, root = Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])

def refuse(*_):
    raise PermissionError(1, "Operation not permitted")

if links == "without links":
    os.link = refuse

def kill_at(operation):
    left = [operation]
    def hook(event, arguments):
        if event in ("open", "os.link", "os.rename", "os.remove", "mmap.__new__"):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

def save(folder, operation):
    kill_at(operation)
    temporary = create_temporary(folder)
    temporary.write_bytes(picture.read_bytes())
    publish(Publish(temporary, folder, lambda n: f"a{suffix}" if n == 1 else f"a-{n}{suffix}", 1, suffix,
                    Provenance(prompt="A fox"), "im_1", 10.0))

def content(folder):
    return {path.name: path.read_bytes().hex() for path in folder.iterdir()}

for operation in range(100):
    folder = root / str(operation)
    folder.mkdir()
    child = os.fork()
    if child == 0:
        save(folder, operation)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = content(folder)
    delete_leftovers(folder)
    print(json.dumps({"code": code, "left": left, "kept": content(folder)}))
    if code == 0:
        break
"""


def killed_later_and_later(tmp_path: Path, content: bytes, suffix: str, links: str) -> list[dict[str, Any]]:
    picture = tmp_path / "picture"
    picture.write_bytes(content)
    words = [sys.executable, "-c", KILLED_LATER_AND_LATER, str(picture), suffix, links, str(tmp_path)]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.mark.parametrize("links", ["with links", "without links"])
@pytest.mark.parametrize(("content", "suffix"), [(PNG, ".png"), (GIF, ".gif")], ids=["described inside", "beside"])
def test_a_kill_at_any_step_leaves_no_name_without_its_content(tmp_path, content, suffix, links):
    """Whichever file operation comes next: each name has its whole content, and a picture has its metadata."""
    *killed, done = killed_later_and_later(tmp_path, content, suffix, links)
    assert done["code"] == 0
    assert done["left"] == done["kept"]
    assert len(killed) > 5
    assert {each["code"] for each in killed} == {-signal.SIGKILL}
    for each in killed:
        assert each["kept"].items() <= done["kept"].items(), each
        assert f"a{suffix}" not in each["kept"] or each["kept"] == done["kept"]
    assert any(name.endswith(".part") for each in killed for name in each["left"])


HOLDER: Final = """
import sys, time
from pathlib import Path
from pixola_ext._io.temporary import create_temporary
print(create_temporary(Path(sys.argv[1])), flush=True)
time.sleep(60)
"""


def test_leftovers_go_with_the_next_save_and_files_in_use_stay(px, service, tmp_path):
    """A download of another process is left alone as long as the process is alive, and removed when it is not."""
    service.plays(reply(PNG, content_type="image/png"))
    image = Image("im_1", url=f"{service.origin}/1.png", status="complete")
    words = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        in_use = Path(holder.stdout.readline().strip())
        try:
            (first,) = px.save(image, tmp_path)
            assert sorted(tmp_path.iterdir()) == sorted([in_use, first])
        finally:
            holder.kill()
    (second,) = px.save(Batch("bt_1", "complete", (image,)), tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([first, second])


def test_own_files_foreign_files_and_links_are_no_leftovers(tmp_path):
    """Neither what this process downloads at the moment, nor what has another name, nor what a link leads to."""
    target = tmp_path / "target"
    target.mkdir()
    (target / "file").write_text("mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    own = create_temporary(folder)
    (folder / ".pixola-0123.part.png").touch()
    (folder / "pixola.part").touch()
    (folder / ".pixola-link.part").symlink_to(target / "file")
    (folder / ".pixola-folder.part").mkdir()
    (folder / ".pixola-left.part").touch()
    before = {path.name for path in folder.iterdir()}
    delete_leftovers(folder)
    assert {path.name for path in folder.iterdir()} == before - {".pixola-left.part"}
    assert (target / "file").read_text() == "mine"
    delete_temporary(own)
    assert not own.exists()


def test_where_there_are_no_locks_nothing_is_taken_for_a_leftover(tmp_path, monkeypatch):
    """A file that cannot be told from one in use stays; saving works."""

    def no_locks(*_args: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", no_locks)
    (tmp_path / ".pixola-left.part").touch()
    delete_temporary(create_temporary(tmp_path))
    delete_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".pixola-left.part"]


def test_a_folder_that_cannot_be_read_is_no_reason_to_stop(tmp_path):
    """There is none, or it is a file."""
    (tmp_path / "file").touch()
    delete_leftovers(tmp_path / "none")
    delete_leftovers(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
