"""The names of saved pictures: from the template, numbered where they are taken, and never overwriting a file."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pixola_ext import ConfigurationError
from pixola_ext._flows.file_effects import Publish
from pixola_ext._io.files import publish
from pixola_ext._io.temporary import create_temporary
from pixola_ext.models import Submission
from tests.support.pictures import GIF, JPEG, PNG
from tests.support.saving import batch_of, picture


def test_names_follow_the_template(px, service, tmp_path):
    """A parameter of `save`; unknown fields are refused before anything is fetched."""
    service.plays(picture())
    batch = batch_of(service, 2, model="flux-2").submitted_as(Submission("A fox", style="anime"))
    paths = px.save(batch, tmp_path, template="{index} {slug} ({style})")
    assert [path.name for path in paths] == ["1 a-fox (anime).png", "2 a-fox (anime).png"]
    heard = len(service.heard)
    with pytest.raises(ConfigurationError, match=r"no field \{seed\}; there are date, time"):
        px.save(batch, tmp_path, template="{seed}")
    assert len(service.heard) == heard


def test_nothing_is_overwritten(px, service, image, tmp_path):
    """A taken name gets a number."""
    service.plays(picture())
    taken = tmp_path / "out.png"
    taken.write_bytes(b"mine")
    assert px.save(image, taken) == [tmp_path / "out-2.png"]
    assert px.save(image, str(taken)) == [tmp_path / "out-3.png"]
    assert taken.read_bytes() == b"mine"


def test_equal_names_are_numbered_in_the_order_of_the_images(px, service, tmp_path):
    """Whichever arrives first."""
    second_is_there = threading.Event()

    def script(heard):
        if "1.png" in heard.target:
            second_is_there.wait(10)
            return picture(JPEG)
        second_is_there.set()
        return picture(GIF)

    service.script = script
    first, second = px.save(batch_of(service, 2), tmp_path / "out.png")
    assert (first.name, second.name) == ("out.jpg", "out-2.gif")
    second_is_there.clear()
    first, second = px.save(batch_of(service, 2), tmp_path, template="Same")
    assert (first.name, second.name) == ("Same.jpg", "Same-2.gif")


def test_names_work_where_there_are_no_hard_links(px, service, image, tmp_path, monkeypatch):
    """On such a file system the name is reserved first, and still nothing is overwritten."""

    def no_links(*_args: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr("os.link", no_links)
    service.plays(picture())
    names = [px.save(image, tmp_path / "a.png", metadata=False)[0].name for _ in range(2)]
    assert names == ["a.png", "a-2.png"]
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {PNG}


def race(folder, times):
    """Publish a picture under the same name over and over."""
    names = []
    for _ in range(times):
        temporary = create_temporary(folder)
        temporary.write_bytes(PNG)
        names.append(publish(Publish(temporary, folder, "same-{}.png".format, 1, ".png", None, "im_1", 10.0)).name)
    return names


RACER = """
import sys
from pathlib import Path
from tests.client.test_saving_names import race
print("\\n".join(race(Path(sys.argv[1]), 30)))
"""


def test_racing_processes_and_threads_get_different_names(tmp_path):
    """Nobody overwrites anybody, without a lock."""
    racers = [
        subprocess.Popen([sys.executable, "-c", RACER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    with ThreadPoolExecutor(4) as pool:
        names = [name for found in pool.map(lambda _: race(tmp_path, 15), range(4)) for name in found]
    for racer in racers:
        names += racer.communicate(timeout=60)[0].split()
    assert len(names) == len(set(names)) == 120
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
