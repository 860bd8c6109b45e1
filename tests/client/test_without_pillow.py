"""Where Pillow is not installed: saving does without, and what cannot do without names the extra that brings it."""

import re
import subprocess
import sys

import pytest

from pixola_ext import ConfigurationError
from tests.support import ROOT
from tests.support.pictures import ALONE, KINDS
from tests.support.saving import picture

EXTRA = r"pixola-ext\[pillow\]"


@pytest.fixture(autouse=True)
def _no_pillow(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "PIL"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PIL", None)


@pytest.mark.parametrize("content", [*(kinds[0] for kinds in KINDS.values()), ALONE["C2PA in PNG"]])
def test_pictures_are_saved_and_described(px, service, image, tmp_path, content):
    """Of every kind, with their metadata."""
    service.plays(picture(content))
    (path,) = px.save(image, tmp_path)
    (again,) = px.save(image, tmp_path, metadata=False)
    assert again.read_bytes() == content
    assert path.read_bytes() != content or path.with_name(f"{path.name}.json").exists()


SANDBOX = """
import sys
sys.modules["PIL"] = None
from pixola_ext import DownloadError, Pixola
with Pixola.sandbox() as px:
    batch = px.generate("A fox")
    try:
        px.save(batch, sys.argv[1])
    except DownloadError as error:
        print(error)
"""


def test_a_picture_of_the_sandbox_names_the_extra(tmp_path):
    """The sandbox draws it with Pillow; in a process of its own, where nothing has imported that."""
    command = [sys.executable, "-c", SANDBOX, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert re.search(r"pixola-ext\[sandbox\]", told)


def test_opening_names_the_extra(px, service, image):
    """Before anything is downloaded."""
    with pytest.raises(ConfigurationError, match=EXTRA):
        px.open(image)
    assert service.heard == []


def test_a_notebook_shows_the_members_and_names_the_extra(px, service, image):
    """In plain text and in HTML, without a request."""
    bundle = image._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"].startswith("Image: image_id=im_1")
    assert all("pixola-ext[pillow]" in content for content in bundle.values())
    assert service.heard == []
