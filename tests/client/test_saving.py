"""Pictures on disk: fetched without the key, verified, named by us, never overwritten."""

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext import Batch, ConfigurationError, DownloadError, Image
from pixola_ext.flows.saving import file_stem
from tests.wire import error, reply


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">2I5B", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 40 + b"\xff\xd9"
WEBP = b"RIFF" + struct.pack("<I", 40) + b"WEBPVP8L" + b"\0" * 32
GIF = b"GIF89a" + b"\0" * 20 + b";"
AVIF = b"\0\0\0\x1cftypavif" + b"\0" * 40


def picture(content: bytes = PNG, **headers: str) -> bytes:
    return reply(content, content_type="image/png", **headers)


@pytest.fixture
def image(service):
    return Image("im_1", url=f"{service.origin}/im_1.png?signature=secret", model="flux-2", status="complete")


@pytest.mark.parametrize(
    ("content", "suffix"), [(PNG, ".png"), (JPEG, ".jpg"), (WEBP, ".webp"), (GIF, ".gif"), (AVIF, ".avif")]
)
def test_a_picture_is_saved_under_our_name_and_its_own_type(px, service, image, tmp_path, content, suffix):
    """The bytes are the server's, the name is not; the folder is made; nothing else is left in it."""
    service.plays(picture(content))
    (path,) = px.save(image, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / f"flux-2-im_1{suffix}"
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_the_key_stays_at_home(px, service, image, tmp_path):
    """The store of the pictures sees no key, and is asked not to compress."""
    service.plays(picture())
    px.save(image, tmp_path)
    assert "authorization" not in service.heard[0].headers
    assert service.heard[0].headers["accept-encoding"] == "identity"


def test_nothing_is_overwritten(px, service, image, tmp_path):
    """A taken name gets a number."""
    service.plays(picture())
    taken = tmp_path / "out.png"
    taken.write_bytes(b"mine")
    assert px.save(image, taken) == [tmp_path / "out-2.png"]
    assert px.save(image, str(taken)) == [tmp_path / "out-3.png"]
    assert taken.read_bytes() == b"mine"


def test_a_file_has_the_permissions_of_any_other(px, service, image, tmp_path):
    """The temporary name leaves no trace in the mode."""
    service.plays(picture())
    (path,) = px.save(image, tmp_path)
    other = tmp_path / "other"
    other.touch()
    assert path.stat().st_mode == other.stat().st_mode


def test_a_batch_saves_all_its_complete_images(px, service, tmp_path):
    """Images that failed have no picture to save."""
    service.plays(picture())
    images = [
        Image(f"im_{i}", url=f"{service.origin}/{i}", status=status)
        for i, status in enumerate(["complete", "failed", "complete"])
    ]
    paths = px.save(Batch("bt_1", "complete", tuple(images)), tmp_path)
    assert [path.name for path in paths] == ["im_0.png", "im_2.png"]


def test_a_batch_without_pictures_is_refused(px, service, tmp_path):
    """There is nothing to save before the wait."""
    with pytest.raises(ConfigurationError, match="wait for it first"):
        px.save(Batch("bt_1"), tmp_path)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_an_expired_url_is_renewed_once(px, service, image, tmp_path, status):
    """The image is asked for again, and its fresh URL is fetched."""
    fresh = reply({"imageId": "im_1", "url": f"{service.origin}/fresh.png"})
    service.plays(error(status, "expired"), fresh, picture())
    assert len(px.save(image, tmp_path)) == 1
    assert [heard.target for heard in service.heard] == [
        "/im_1.png?signature=secret",
        "/api/v1/images/im_1",
        "/fresh.png",
    ]


def test_a_url_that_stays_expired_is_an_error(px, service, image, tmp_path):
    """Once is enough; the signature is not in the message."""
    service.script = lambda heard: (
        reply({"imageId": "im_1", "url": image.url}) if "/api/" in heard.target else error(403, "expired")
    )
    with pytest.raises(DownloadError, match="answered 403") as caught:
        px.save(image, tmp_path)
    assert len(service.heard) == 3
    assert "secret" not in str(caught.value) + caught.value.url
    assert list(tmp_path.iterdir()) == []


def test_an_image_without_a_url_is_asked_for(px, service, tmp_path):
    """Lists may come without URLs; the single image has one, or there is none."""
    service.plays(reply({"imageId": "im_1", "url": f"{service.origin}/a.png"}), picture())
    assert len(px.save(Image("im_1"), tmp_path)) == 1
    service.plays(reply({"imageId": "im_1", "status": "processing"}))
    with pytest.raises(DownloadError, match="has no URL yet"):
        px.save(Image("im_1"), tmp_path)


BROKEN = {
    "truncated": b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n" + PNG,
    "cut without a length": b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + PNG[:-6],
    "html": reply(b"<html>sorry</html>"),
    "empty": reply(b""),
    "503": reply(b"", 503),
    "closed": None,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_download_is_tried_again(px, service, image, tmp_path, name):
    """What may pass is repeated, and no part of it is kept."""
    service.plays(BROKEN[name], BROKEN[name], picture())
    (path,) = px.save(image, tmp_path)
    assert path.read_bytes() == PNG
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", BROKEN)
def test_a_download_that_stays_broken_leaves_nothing(connect, service, image, tmp_path, name):
    """In the end it is an error, and no file."""
    service.plays(BROKEN[name])
    with pytest.raises(DownloadError):
        connect("pxk_1", service.url, max_retries=1).save(image, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_was_saved_before_an_error_is_told(connect, service, tmp_path):
    """The files of a batch that were written are listed on the error and stay."""
    service.plays(picture(), error(400, "bad"))
    images = tuple(Image(f"im_{i}", url=f"{service.origin}/{i}", status="complete") for i in range(2))
    with pytest.raises(DownloadError) as caught:
        connect("pxk_1", service.url).save(Batch("bt_1", "complete", images), tmp_path)
    assert caught.value.saved == (tmp_path / "im_0.png",)
    assert caught.value.saved[0].exists()


@pytest.mark.parametrize(
    ("header", "reason"),
    [({"content_encoding": "gzip"}, "compressed"), ({"content_length": "99999999999"}, "larger than")],
)
def test_what_could_fill_the_disk_is_refused(px, service, image, tmp_path, header, reason):
    """Compressed or announced as huge: not a byte is kept."""
    service.plays(picture(**header))
    with pytest.raises(DownloadError, match=reason):
        px.save(image, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_endless_download_is_cut_off(px, service, image, tmp_path, monkeypatch):
    """The bound holds without an announced length, too."""
    monkeypatch.setattr("pixola_ext._downloads.LARGEST_PICTURE", 1000)
    service.plays(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"x" * 5000)
    with pytest.raises(DownloadError, match="larger than 1000 bytes"):
        px.save(image, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_slow_drip_ends_at_the_deadline(connect, service, image, tmp_path, time):
    """Every piece resets a read timeout; the total deadline does not care."""
    service.plays(picture())
    client = connect("pxk_1", service.url, max_retries=0, timeout=5)
    time.tick = 3
    with pytest.raises(DownloadError, match="too slow"):
        client.save(image, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://example.com/a.png", "not https"),
        ("ftp://example.com/a.png", "not https"),
        ("file:///etc/passwd", "not https"),
        ("https://10.0.0.1/a.png", "private network"),
        ("https://169.254.169.254/latest", "private network"),
        ("https://[fd00::1]/a.png", "private network"),
        ("https://0xa9fea9fe/", "private network"),
    ],
)
def test_neither_urls_nor_redirects_lead_into_other_networks(px, service, image, tmp_path, location, reason):
    """Every hop is checked like the first."""
    service.plays(reply(b"", 302, location=location))
    with pytest.raises(DownloadError, match=reason):
        px.save(image, tmp_path)
    with pytest.raises(DownloadError, match=reason):
        px.save(Image("im_1", url=location), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "localhost", "[::1]", "[::ffff:127.0.0.1]", "a.localhost"]
)
def test_this_machine_is_only_for_services_on_this_machine(connect, tmp_path, host):
    """A public service cannot make us ask our own ports, however they are spelt."""
    client = connect("pxk_1", "https://pixola.example/api/v1")
    with pytest.raises(DownloadError, match="private network"):
        client.save(Image("im_1", url=f"https://{host}/a.png"), tmp_path)


def test_redirects_are_followed_a_few_times(px, service, image, tmp_path):
    """Relative ones, too; a circle ends."""
    service.plays(reply(b"", 302, location="/b.png"), reply(b"", 307, location=f"{service.origin}/c.png"), picture())
    assert len(px.save(image, tmp_path)) == 1
    service.plays(reply(b"", 302, location="/im_1.png"))
    with pytest.raises(DownloadError, match="too many redirects"):
        px.save(image, tmp_path)


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(px, service, image, tmp_path):
    """A file in the way of the folder is said in one line."""
    service.plays(picture())
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match="cannot write to"):
        px.save(image, tmp_path / "file" / "folder")


def test_names_work_where_there_are_no_hard_links(px, service, image, tmp_path, monkeypatch):
    """On such a file system the name is reserved first, and still nothing is overwritten."""

    def no_links(*_args: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr("os.link", no_links)
    service.plays(picture())
    assert [px.save(image, tmp_path / "a.png")[0].name for _ in range(2)] == ["a.png", "a-2.png"]
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {PNG}


@given(title=st.none() | st.text(), model=st.none() | st.text(), image_id=st.text(min_size=1))
def test_a_file_name_is_safe_whatever_the_service_says(title, model, image_id):
    """Only plain characters, no separators, no leading dot, and not too long."""
    stem = file_stem(Image(image_id, title=title, model=model))
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert not stem.startswith(".")
    assert len(stem) < 200
    assert Path(stem).name == stem != ""
