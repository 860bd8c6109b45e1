"""Pictures on disk: fetched without the key, verified, named by us, never overwritten."""

import asyncio
import itertools
import json
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from PIL import Image as Pillow

from pixola_ext import Batch, ConfigurationError, DownloadError, Image, Pixola
from pixola_ext._flows.effects import Publish
from pixola_ext._flows.saving import MOST_DOWNLOADS
from pixola_ext._io.clock import Clock
from pixola_ext._io.files import publish, temporary_name
from pixola_ext._io.threads import OpenSockets
from pixola_ext.models import Submission
from pixola_ext.sandbox import Sandbox
from tests.support.pictures import ALONE, GIF, JPEG, KINDS, PNG, WEBP, pixels
from tests.support.wire import error, reply

TODAY = "20260301"


def picture(content: bytes = PNG, **headers: str) -> bytes:
    return reply(content, content_type="image/png", **headers)


@pytest.fixture
def image(service):
    return Image("im_1", url=f"{service.origin}/im_1.png?signature=secret", model="flux-2", status="complete")


def batch_of(service, count, **members):
    """A finished batch whose pictures are on the scripted service."""
    urls = [f"{service.origin}/{number}.png" for number in range(1, count + 1)]
    images = [Image(f"im_{number}", url=url, status="complete", **members) for number, url in enumerate(urls, 1)]
    return Batch("bt_1", "complete", tuple(images))


@pytest.mark.parametrize(("suffix", "contents"), KINDS.items())
def test_a_picture_is_saved_under_our_name_and_its_own_type(px, service, image, tmp_path, contents, suffix):
    """The bytes are the server's, the name is not; the folder is made; nothing else is left in it."""
    content = contents[0]
    service.plays(picture(content))
    (path,) = px.save(image, tmp_path / "new" / "folder", metadata=False)
    assert path == tmp_path / "new" / "folder" / f"{TODAY}-flux-2-im_1{suffix}"
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
    assert [path.name for path in paths] == [f"{TODAY}-im_0.png", f"{TODAY}-im_2.png"]


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


def test_one_picture_that_fails_does_not_stop_the_others(px, service, tmp_path):
    """What could be saved is saved and told, in order; what failed is told by image."""
    service.script = lambda heard: error(400, "bad") if "2.png" in heard.target else picture()
    with pytest.raises(
        DownloadError, match="could not save 1 of 3 pictures: cannot download .*: .* answered 400"
    ) as caught:
        px.save(batch_of(service, 3), tmp_path)
    assert caught.value.saved == (tmp_path / f"{TODAY}-im_1.png", tmp_path / f"{TODAY}-im_3.png")
    assert sorted(tmp_path.iterdir()) == list(caught.value.saved)
    assert {name: failure.status for name, failure in caught.value.failures.items()} == {"im_2": 400}
    assert (caught.value.status, caught.value.is_transient) == (400, False)


def test_a_url_that_cannot_be_renewed_is_a_failure_like_others(px, service, tmp_path):
    """The service's refusal is kept whole."""
    service.script = lambda heard: error(404, "not_found") if "/api/" in heard.target else error(403, "expired")
    with pytest.raises(DownloadError, match="image im_1: 404 not_found") as caught:
        px.save(batch_of(service, 1), tmp_path)
    assert caught.value.failures["im_1"].code == "not_found"


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


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://example.com/a.png", "not https"),
        ("ftp://example.com/a.png", "not https"),
        ("file:///etc/passwd", "not https"),
        ("https://[half/a.png", "not a URL|could not connect"),
        ("https://a.example:port/", "not a URL|broke off"),
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
    names = [px.save(image, tmp_path / "a.png", metadata=False)[0].name for _ in range(2)]
    assert names == ["a.png", "a-2.png"]
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {PNG}


def test_a_file_system_that_gives_up_halfway_is_left_clean(px, service, image, tmp_path, monkeypatch):
    """The reserved name goes, too."""

    def broken(*_args: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.link", broken)
    monkeypatch.setattr("pathlib.Path.replace", broken)
    service.plays(picture())
    with pytest.raises(DownloadError, match="Input/output error"):
        px.save(image, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["https://[::zz]/a.png", "https://a.example:port/", "no URL", "", "https:///a.png", "\0"]
)
def test_an_address_that_is_none_is_an_error_of_ours(connect, tmp_path, url):
    """Of an image, or of a redirect."""
    with pytest.raises(DownloadError, match="URL"):
        connect("pxk_1", "https://pixola.example/api/v1").save(Image("im_1", url=url or " "), tmp_path)


def test_a_mistake_of_ours_is_not_taken_for_a_broken_picture(px, service, tmp_path, monkeypatch):
    """It comes out as it is, after everything else has ended."""

    def mistaken(*_args: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr("pixola_ext._io.files.spliced", mistaken)
    service.plays(picture())
    with pytest.raises(RuntimeError, match="a mistake"):
        px.save(batch_of(service, 3), tmp_path)
    assert list(tmp_path.iterdir()) == []


# -- side by side --------------------------------------------------------------------------------------------------


def test_pictures_are_fetched_side_by_side_but_not_all_at_once(px, service, tmp_path):
    """As many as the bound allows at the same time, and never more; the files come back in order."""
    lock, present, most = threading.Lock(), 0, 0
    together = threading.Barrier(MOST_DOWNLOADS)

    def script(heard):
        nonlocal present, most
        with lock:
            present += 1
            most = max(most, present)
        together.wait(10)  # broken, and the test with it, unless so many come at once
        with lock:
            present -= 1
        return picture()

    service.script = script
    paths = px.save(batch_of(service, 3 * MOST_DOWNLOADS), tmp_path, template="{image_id}")
    assert [path.stem for path in paths] == [f"im_{number}" for number in range(1, 3 * MOST_DOWNLOADS + 1)]
    assert (most, service.connections) == (MOST_DOWNLOADS, MOST_DOWNLOADS)


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


@pytest.fixture
def silent(service):
    """A service that says nothing; set when it may go. `gave_up` tells that nobody hung up before."""
    released = threading.Event()
    released.gave_up = []

    def script(heard):
        if not released.wait(15):
            released.gave_up.append(heard)

    service.script = script
    yield released
    released.set()


def ctrl_c_after(count, script):
    """A script that interrupts the main thread when it is called for the `count`th time."""
    calls = itertools.count(1)

    def interrupting(heard):
        if next(calls) == count:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return script(heard)

    return interrupting


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX")
@pytest.mark.parametrize("face", ["sync"], indirect=True)
@pytest.mark.parametrize("is_impatient", [False, True], ids=["once", "twice"])
def test_ctrl_c_leaves_no_thread_and_no_file(px, service, silent, tmp_path, monkeypatch, is_impatient):
    """It does not wait for servers that are silent, also when it is pressed again."""
    service.script = ctrl_c_after(3, service.script)
    if is_impatient:
        shutdown, pressed = OpenSockets.shutdown, []

        def pressed_again(sockets):
            if not pressed:
                pressed.append(True)
                raise KeyboardInterrupt
            shutdown(sockets)

        monkeypatch.setattr(OpenSockets, "shutdown", pressed_again)
    with pytest.raises(KeyboardInterrupt):
        px.save(batch_of(service, 3), tmp_path)
    silent.set()
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("pixola")] == []
    assert silent.gave_up == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX")
def test_ctrl_c_wakes_what_waits_to_try_again(service, tmp_path):
    """Nobody sleeps on, with a real clock."""
    service.script = ctrl_c_after(2, lambda _heard: reply(b"", 503))
    clock = Clock(random=lambda: 1e9)  # a backoff of years
    with Pixola("pxk_1", service.url, timeout=1e12, clock=clock) as client, pytest.raises(KeyboardInterrupt):
        client.save(batch_of(service, 2), tmp_path)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("pixola")] == []


@pytest.mark.parametrize("face", ["async"], indirect=True)
def test_cancelling_leaves_no_task_and_no_file(face, px, service, silent, tmp_path):
    """Everything that was begun is ended and removed."""

    async def cancelled():
        loop, all_are_there, plain = asyncio.get_running_loop(), asyncio.Event(), service.script

        def script(heard):
            if len(service.heard) == MOST_DOWNLOADS:
                loop.call_soon_threadsafe(all_are_there.set)
            return plain(heard)

        service.script = script
        task = asyncio.create_task(px._target.save(batch_of(service, 2 * MOST_DOWNLOADS), tmp_path))
        await all_are_there.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert face.runner.run(cancelled()) == set()
    assert list(tmp_path.iterdir()) == []
    silent.set()
    assert silent.gave_up == []


@pytest.mark.parametrize("where", ["pixola_ext._io.downloads.suffix_of", "pixola_ext._io.files.spliced"])
@pytest.mark.parametrize("face", ["async"], indirect=True)
def test_cancelling_work_on_a_file_waits_for_it_and_cleans_up(face, px, service, image, tmp_path, monkeypatch, where):
    """While it is verified nothing is left; while it is named, either nothing or all of it."""
    service.plays(picture())
    module, name = where.rsplit(".", 1)
    work = getattr(sys.modules[module], name)

    async def cancelled():
        loop, gone = asyncio.get_running_loop(), threading.Event()
        task = asyncio.create_task(px._target.save(image, tmp_path))

        def cancel():
            task.cancel()
            loop.call_soon(gone.set)

        def cancelled_meanwhile(*args):
            loop.call_soon_threadsafe(cancel)
            assert gone.wait(10)
            return work(*args)

        monkeypatch.setattr(where, cancelled_meanwhile)
        with pytest.raises(asyncio.CancelledError):
            await task

    face.runner.run(cancelled())
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
    assert all(pixels(path.read_bytes()) == pixels(PNG) for path in tmp_path.iterdir())


# -- where names lead ----------------------------------------------------------------------------------------------


@pytest.fixture
def everything_is_here(monkeypatch):
    """Every name resolves to this machine, where the service listens."""

    def here(_host, port, *_args, **_kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(port)))]

    monkeypatch.setattr("socket.getaddrinfo", here)


@pytest.mark.usefixtures("everything_is_here")
def test_a_public_name_may_not_lead_into_a_private_network(connect, service, tmp_path):
    """The connection is closed before a byte is sent over it."""
    client = connect("pxk_1", "https://pixola.example/api/v1")
    url = service.origin.replace("http://127.0.0.1", "https://store.example")
    with pytest.raises(DownloadError, match=r"store.example:\d+/a.png: its host is in a private network"):
        client.save(Image("im_1", url=f"{url}/a.png?signature=secret"), tmp_path)
    assert service.heard == []


def test_a_proxy_may_be_in_a_private_network(connect, service, tmp_path, monkeypatch):
    """It is asked, and looks names up by itself."""
    monkeypatch.setenv("HTTPS_PROXY", service.origin)
    service.script = lambda _heard: reply(b"", 502)
    client = connect("pxk_1", "https://pixola.example/api/v1", max_retries=0)
    with pytest.raises(DownloadError, match="could not connect"):
        client.save(Image("im_1", url="https://store.example/a.png"), tmp_path)
    assert [(heard.method, heard.target) for heard in service.heard] == [("CONNECT", "store.example:443")]


@pytest.mark.parametrize("host", ["[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[2002:7f00:1::]", "[::127.0.0.1]"])
def test_addresses_within_addresses_are_seen(connect, tmp_path, host):
    """Translated and tunnelled ones, too."""
    with pytest.raises(DownloadError, match="private network"):
        connect("pxk_1", "https://pixola.example/api/v1").save(Image("im_1", url=f"https://{host}/a.png"), tmp_path)


# -- names and descriptions ----------------------------------------------------------------------------------------


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


def race(folder, times):
    """Publish a picture under the same name over and over."""
    names = []
    for _ in range(times):
        temporary = temporary_name(folder)
        temporary.write_bytes(PNG)
        names.append(publish(Publish(temporary, folder, lambda number: f"same-{number}.png", 1, ".png", None)).name)
    return names


RACER = """
import sys
from pathlib import Path
from tests.client.test_saving import race
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


def test_a_full_disk_leaves_nothing(px, service, image, tmp_path, monkeypatch):
    """Neither of the picture nor of what was to become of it."""

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    service.plays(picture())
    with pytest.raises(DownloadError, match="No space left on device"):
        px.save(image, tmp_path)
    assert list(tmp_path.iterdir()) == []


# -- from the sandbox ----------------------------------------------------------------------------------------------


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


def test_a_batch_of_several_is_saved_whole(face, time, tmp_path):
    """From the sandbox in this process, which many threads ask at once."""
    client = face.sandbox(Sandbox(), clock=time.clock())
    batch = client.generate("A fox", model="midjourney-v7")
    assert len(batch.images) == 4
    paths = client.save(batch, tmp_path, template="{index}-{image_id}")
    assert [path.stem for path in paths] == [f"{n}-{image.image_id}" for n, image in enumerate(batch.images, 1)]
    assert len({pixels(path.read_bytes()) for path in paths}) == 4
    face.close(client)


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
