"""In a notebook: pictures are seen, lists are tables, nothing goes out with the key, and text is only text."""

import base64
import gc
import io
import json
import pickle
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from pixola_ext import Batch, BatchSummary, ConfigurationError, DownloadError, Image, Model, Page, Pixola, _display
from pixola_ext._io import previews as _previews
from pixola_ext.catalog import Style
from pixola_ext.models import Credits, Entries
from pixola_ext.sandbox import Sandbox
from tests.support.pictures import PNG, SAMPLES, encoded, pixels
from tests.support.wire import error, reply

EVIL = "<script>alert(1)</script>\x1b[31m\x07"


def shown(value, **asked):
    """As a notebook asks for it."""
    bundle = value._repr_mimebundle_(**{"include": None, "exclude": None, **asked})
    json.dumps(bundle)
    return bundle


@pytest.fixture(autouse=True)
def nobody_else():
    """Clients of other tests lend nothing."""
    _display._previewers.clear()
    _previews._sources.clear()


# -- px.open -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "content"), SAMPLES)
def test_an_image_is_opened_with_all_its_pixels(px, service, tmp_path, monkeypatch, suffix, content):
    """In memory: no file is left where temporary files go."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    service.plays(reply(content))
    picture = px.open(Image("im_1", url=f"{service.origin}/1"))
    assert isinstance(picture, Pillow.Image)
    assert picture.convert("RGBA").tobytes() == pixels(content)[2]
    assert list(tmp_path.iterdir()) == []


def test_open_renews_an_expired_url(px, service):
    """Like `save`."""
    fresh = reply({"imageId": "im_1", "url": f"{service.origin}/fresh"})
    service.plays(error(403, "expired"), fresh, reply(PNG))
    assert px.open(Image("im_1", url=f"{service.origin}/old")).size == (23, 17)


def test_open_says_what_is_missing(px, service, monkeypatch):
    """Before anything is fetched."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'pixola-ext\[pillow\]'"):
        px.open(Image("im_1", url=f"{service.origin}/1"))
    assert service.connections == 0


@pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (30000, 30000)])
def test_a_picture_that_cannot_be_decoded_is_an_error_of_ours(px, service, size):
    """Nothing of Pillow's leaves the package, warnings included; a bomb is not decoded."""
    header = b"IHDR" + b"".join(side.to_bytes(4) for side in size) + PNG[24:29]
    bomb = PNG[:12] + header + zlib.crc32(header).to_bytes(4) + PNG[33:]
    service.plays(reply(bomb))
    with pytest.raises(DownloadError, match="cannot be decoded"):
        px.open(Image("im_1", url=f"{service.origin}/1"))


# -- pictures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (encoded("PNG", "RGBA", (1024, 512)), (512, 256)),
        (encoded("PNG", "P", (30, 900)), (17, 512)),
        (encoded("JPEG", "CMYK"), (23, 17)),
        (encoded("WEBP", size=(2000, 1000)), (512, 256)),
    ],
)
def test_an_image_is_shown_as_a_small_jpeg(px, service, content, size):
    """At most 512 pixels a side; fetched without the key and without asking the API."""
    service.plays(reply(content))
    bundle = shown(Image("im_1", url=f"{service.origin}/1?signature=secret", status="complete"))
    assert bundle.keys() == {"text/plain", "image/jpeg"}
    with Pillow.open(io.BytesIO(base64.b64decode(bundle["image/jpeg"]))) as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", size)
    assert [heard.target for heard in service.heard] == ["/1?signature=secret"]
    assert "authorization" not in service.heard[0].headers
    assert "secret" not in bundle["text/plain"]


@pytest.mark.parametrize("answer", [error(403, "expired"), reply(b"<html>"), reply(b"", 503), None])
def test_what_cannot_be_shown_is_a_table(px, service, answer):
    """One attempt, no renewal, no error."""
    service.plays(answer)
    bundle = shown(Image("im_1", url=f"{service.origin}/1", status="complete"))
    assert bundle.keys() == {"text/plain", "text/html"}
    assert len(service.heard) == 1


def test_nothing_is_fetched_that_need_not_be(px, service, monkeypatch):
    """Without a URL, when no picture is wanted, without Pillow."""
    image = Image("im_1", url=f"{service.origin}/1", status="complete")
    shown(Image("im_1"))
    shown(image, include={"text/plain"})
    shown(image, exclude={"image/jpeg"})
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert "text/html" in shown(image)
    assert service.connections == 0


def test_a_value_alone_asks_nobody(service):
    """Without a client there is nothing to fetch with, and a value carries none."""
    image = pickle.loads(pickle.dumps(Image("im_1", url=f"{service.origin}/1", status="complete")))
    assert "text/html" in shown(image)
    with Pixola("pxk_1", service.url) as client:
        assert client is not None
    del client
    gc.collect()
    assert "text/html" in shown(image)
    assert service.connections == 0


def test_a_client_of_a_public_service_never_lends_this_machine(connect, service):
    """The rules are those of downloads."""
    client = connect("pxk_1", "https://pixola.example/api/v1")
    assert "text/html" in shown(Image("im_1", url=f"{service.origin}/1", status="complete"))
    assert (service.connections, client is None) == (0, False)


def test_pictures_of_the_sandbox_are_shown(face):
    """Which no socket leads to."""
    client = face.sandbox(Sandbox())
    (image,) = client.generate("A fox").images
    assert "image/jpeg" in shown(image)
    face.close(client)


# -- tables --------------------------------------------------------------------------------------------------------


def test_a_catalog_is_a_list_and_a_table(face):
    """Equal to any list of the same."""
    client = face.sandbox()
    models = client.models.list()
    assert models == list(models)
    assert isinstance(models, list)
    bundle = shown(models)
    assert bundle["text/html"].count("<tr>") == min(len(models), 60) + 1
    assert "<th>slug</th>" in bundle["text/html"]
    assert "flux-2" in bundle["text/plain"]
    face.close(client)


def test_pages_and_batches_are_tables():
    """Of their items; long ones say how many there are; none is said, too."""
    page = Page(tuple(BatchSummary(f"bt_{n}", "complete", prompt="A fox") for n in range(100)), 7, has_more=True)
    bundle = shown(page)
    assert bundle["text/html"].count("<tr>") == 61
    assert "100 in all" in bundle["text/html"]
    assert "100 in all" in bundle["text/plain"]
    batch = Batch("bt_1", "complete", (Image("im_1", url="https://x.example/1?signature=secret"),))
    assert "im_1" in shown(batch)["text/html"]
    assert "bt_1: complete" in shown(batch)["text/html"]
    assert "secret" not in str(shown(batch))
    assert shown(Batch("bt_1"))["text/plain"] == "bt_1: processing\n(none)"
    assert shown(Entries())["text/plain"] == "(none)"


def test_a_history_shows_nothing_by_itself(px, service):
    """Its first page would be a request with the key."""
    assert not hasattr(px.batches.list(), "_repr_html_")
    repr(px.batches.list())
    assert service.connections == 0


TEXT = st.text() | st.just(EVIL)


@given(slug=TEXT.filter(bool), name=TEXT, category=TEXT)
def test_text_of_the_service_is_only_text(slug, name, category):
    """Escaped in HTML, without control characters on a terminal."""
    style = Style(slug, name=name, category=category)
    for value in (
        style,
        Entries([style]),
        Batch(slug, name, (Image(slug, status=category),)),
        Model(slug, name=name),
        Credits(1, plan=name),
        Image(slug, title=name),
    ):
        bundle = shown(value)
        tags = bundle["text/html"].replace("<table>", "").replace("</table>", "")
        for tag in ("tr", "td", "th", "caption"):
            tags = tags.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
        assert "<" not in tags
        assert ">" not in tags
        assert "".join(bundle["text/plain"].splitlines()).isprintable()
