"""The description of a saved picture: in its file, or beside it where the file may not be changed."""

import json

import pytest
from PIL import Image as Pillow

from pixola_ext.models import Submission
from pixola_ext.sandbox import Sandbox
from tests.support.pictures import ALONE, GIF, PNG, pixels
from tests.support.saving import batch_of, picture


def test_a_picture_tells_how_it_came_about(px, service, tmp_path):
    """What was submitted and what the service says; the pixels are as they came."""
    service.plays(picture())
    batch = batch_of(service, 1, model="flux-2", batch_id="bt_1").submitted_as(Submission("A fox", quality="hd"))
    (path,) = px.save(batch, tmp_path)
    with Pillow.open(path) as saved:
        known = json.loads(saved.text["pixola"])
    assert known.items() >= {"prompt": "A fox", "model": "flux-2", "quality": "hd", "image_id": "im_1"}.items()
    assert pixels(path.read_bytes()) == pixels(PNG)
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_submitted_goes_along_to_the_file(face, time, tmp_path):
    """From `generate`, and from `submit` and `wait`."""
    box = Sandbox()
    box.clock.freeze()
    client = face.sandbox(box, clock=time.clock())
    options = {"model": "flux-2", "style": "anime", "shape": "portrait", "quality": "hd"}
    generated = client.generate("A fox", **options)
    waited = client.wait(client.submit("A fox", **options))
    for batch in (generated, waited, client.wait(waited)):
        (path,) = client.save(batch.images[0], tmp_path)
        with Pillow.open(path) as saved:
            assert json.loads(saved.text["pixola"]).items() >= {"prompt": "A fox", **options}.items()
        assert "a-fox" in path.name
    assert client.batches.get(waited.batch_id) == waited
    assert client.batches.get(waited.batch_id).submission is None
    face.close(client)


def test_metadata_can_be_left_out(px, service, image, tmp_path):
    """Then the file is what the server sent."""
    service.plays(picture())
    (path,) = px.save(image, tmp_path, metadata=False)
    assert path.read_bytes() == PNG


@pytest.mark.parametrize("name", ALONE)
def test_a_signed_picture_stays_as_it_came_and_is_described_beside(px, service, image, tmp_path, name):
    """The description shares its name, and overwrites nothing either."""
    service.plays(picture(ALONE[name]))
    (path,) = px.save(image, tmp_path)
    beside = path.with_name(f"{path.name}.json")
    assert path.read_bytes() == ALONE[name]
    assert json.loads(beside.read_text("utf-8"))["image_id"] == "im_1"
    path.unlink()
    beside.write_text("mine")
    (again,) = px.save(image, tmp_path)
    assert again.stem == f"{path.stem}-2"
    assert beside.read_text() == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([beside.name, again.name, f"{again.name}.json"])


def test_a_name_that_is_taken_takes_its_description_along(px, service, image, tmp_path):
    """No description is left beside somebody else's picture."""
    service.plays(picture(GIF))
    (tmp_path / "a.gif").write_bytes(b"mine")
    assert px.save(image, tmp_path / "a.gif") == [tmp_path / "a-2.gif"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-2.gif", "a-2.gif.json", "a.gif"]
