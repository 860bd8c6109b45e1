"""Downloads of pictures: expired URLs, broken and endless answers, deadlines, and every fault of the sandbox."""

import httpx
import pytest
from PIL import Image as Pillow

from pixola_ext import DownloadError, Image
from pixola_ext.sandbox import Sandbox
from tests.support.pictures import GIF, JPEG, PNG, WEBP
from tests.support.saving import batch_of, picture
from tests.support.wire import error, reply


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


def test_a_url_that_cannot_be_renewed_is_a_failure_like_others(px, service, tmp_path):
    """The service's refusal is kept whole."""
    service.script = lambda heard: error(404, "not_found") if "/api/" in heard.target else error(403, "expired")
    with pytest.raises(DownloadError, match="image im_1: 404 not_found") as caught:
        px.save(batch_of(service, 1), tmp_path)
    assert caught.value.failures["im_1"].code == "not_found"


def chunked(content):
    """An answer without a length, which ends as if it were whole."""
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    return head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)


BROKEN = {
    "truncated": b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n" + PNG,
    "longer than announced": b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n" + PNG,
    "cut without a length": b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + PNG[:-6],
    "cut, in whole chunks": chunked(PNG[:-12]),
    "cut JPEG": chunked(JPEG[:-2]),
    "cut WebP": chunked(WEBP[:-1]),
    "cut GIF": chunked(GIF[:-1]),
    "a flipped byte": picture(PNG[:60] + bytes([PNG[60] ^ 1]) + PNG[61:]),
    "html": reply(b"<html>sorry</html>", content_type="text/html"),
    "html called a picture": picture(b"<html>Sign in</html>"),
    "empty": reply(b""),
    "503": reply(b"", 503),
    "closed": None,
    "no HTTP": b"SSH-2.0-OpenSSH\r\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_download_is_tried_again(px, service, image, tmp_path, name):
    """What may pass is repeated, and no part of it is kept."""
    service.plays(BROKEN[name], BROKEN[name], picture())
    (path,) = px.save(image, tmp_path, metadata=False)
    assert path.read_bytes() == PNG
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", BROKEN)
def test_a_download_that_stays_broken_leaves_nothing(connect, service, image, tmp_path, name):
    """In the end it is an error, and no file."""
    service.plays(BROKEN[name])
    with pytest.raises(DownloadError):
        connect("pxk_1", service.url, max_retries=1).save(image, tmp_path)
    assert list(tmp_path.iterdir()) == []


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
    monkeypatch.setattr("pixola_ext._io.downloads.LARGEST_PICTURE", 1000)
    service.plays(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"x" * 5000)
    with pytest.raises(DownloadError, match="larger than 1000 bytes"):
        px.save(image, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_slow_drip_ends_at_the_deadline(connect, service, image, tmp_path, time):
    """Every piece resets a read timeout; the total deadline does not care."""
    service.plays(picture())
    client = connect("pxk_1", service.url, max_retries=0, timeout=8)
    time.tick = 3
    with pytest.raises(DownloadError, match="too slow|no answer in time"):
        client.save(image, tmp_path)
    assert list(tmp_path.iterdir()) == []


FAULTS = {
    "download-expired": "answered 403",
    "download-truncated": "download",
    "download-oversized": "larger than",
    "download-endless": "larger than",
    "download-not-an-image": "not a whole picture",
    "download-mislabelled": "not a whole picture",
    "download-redirect": "download",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_faults_of_the_sandbox_leave_nothing(face, time, tmp_path, monkeypatch, fault):
    """Every one of them, in the process."""
    monkeypatch.setattr("pixola_ext._io.downloads.LARGEST_PICTURE", 2**22)
    client = face.sandbox(Sandbox(), max_retries=0, clock=time.clock())
    batch = client.generate(f"A fox sandbox:{fault}")
    with pytest.raises(DownloadError, match=FAULTS[fault]):
        client.save(batch, tmp_path)
    assert list(tmp_path.iterdir()) == []
    face.close(client)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_faults_of_the_sandbox_leave_nothing_over_sockets_either(face, served, time, tmp_path, monkeypatch, fault):
    """What it does on the wire is worse than what it can do in the process."""
    monkeypatch.setattr("pixola_ext._io.downloads.LARGEST_PICTURE", 2**22)
    client = face.open(served.api_key, served.url, max_retries=0, clock=time.clock())
    batch = client.generate(f"A fox sandbox:{fault}")
    with pytest.raises(DownloadError, match=FAULTS[fault]):
        client.save(batch, tmp_path)
    assert list(tmp_path.iterdir()) == []
    face.close(client)


@pytest.fixture
def rule(served):
    """Makes the sandbox fail on pictures, until the test is over."""
    admin = httpx.Client(base_url=served.url.removesuffix("/api/v1"), trust_env=False)
    with admin:
        yield lambda fault, **rest: admin.post(
            "/_sandbox/faults", json={"fault": fault, "match": {"path": "/images/*"}, **rest}
        ).raise_for_status()
        admin.delete("/_sandbox/faults")


@pytest.mark.parametrize("fault", ["reset", "html-503", "truncated", "html-500-after"])
def test_what_passes_is_tried_again(face, served, rule, time, tmp_path, fault):
    """Twice it goes wrong, and then it is whole."""
    client = face.open(served.api_key, served.url, clock=time.clock())
    batch = client.generate("A fox")
    rule(fault, times=2)
    time.slept.clear()
    (path,) = client.save(batch, tmp_path)
    assert len(time.slept) == 2
    with Pillow.open(path) as saved:
        saved.load()
    assert list(tmp_path.iterdir()) == [path]
    face.close(client)


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_silence_and_drips_end(face, served, rule, time, tmp_path, fault):
    """In real time, by the deadline of the call."""
    quick = face.open(served.api_key, served.url, clock=time.clock())
    batch = quick.generate("A fox")
    rule(fault)
    client = face.open(served.api_key, served.url, max_retries=0, timeout=0.5)
    with pytest.raises(DownloadError, match="in time|too slow"):
        client.save(batch, tmp_path)
    assert list(tmp_path.iterdir()) == []
    face.close(quick)
    face.close(client)
