"""Pictures on disk: what `save` fetches, keeps and tells, in whole and in part."""

import asyncio
from pathlib import Path

import pytest

from pixola_ext import Batch, ConfigurationError, DownloadError, Image
from pixola_ext._io.files import check_destination
from pixola_ext.sandbox import Sandbox
from tests.support.pictures import GIF, KINDS, PNG, pixels
from tests.support.saving import TODAY, batch_of, picture
from tests.support.wire import error


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


def test_a_file_has_the_permissions_of_any_other(px, service, image, tmp_path):
    """The temporary name leaves no trace in the mode."""
    service.plays(picture())
    (path,) = px.save(image, tmp_path)
    other = tmp_path / "other"
    other.touch()
    assert path.stat().st_mode == other.stat().st_mode


def test_a_batch_saves_all_that_has_a_picture(px, service, tmp_path):
    """Whatever word the service has for its status, or none; images that failed have no picture to save."""
    service.plays(picture())
    statuses = ["complete", "failed", "archived", None, "rejected", "succeeded"]
    images = [Image(f"im_{i}", url=f"{service.origin}/{i}", status=status) for i, status in enumerate(statuses)]
    images.append(Image("im_9", status="processing"))
    batch = Batch("bt_1", "complete", tuple(images))
    paths = px.save(batch, tmp_path)
    assert [path.name for path in paths] == [f"{TODAY}-im_{i}.png" for i in (0, 2, 3, 5)]
    assert [image.image_id for image in batch.unfinished] == ["im_1", "im_4", "im_9"]


@pytest.mark.parametrize(
    ("status", "advice"), [("processing", "no pictures yet; wait for it first"), ("failed", "no pictures$")]
)
def test_a_batch_without_pictures_is_refused(px, service, tmp_path, status, advice):
    """The batch is named; waiting is the advice only where it helps."""
    with pytest.raises(ConfigurationError, match=f"batch bt_1 has {advice}") as caught:
        px.save(Batch("bt_1", status), tmp_path)
    assert caught.value.batch_id == "bt_1"


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


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(px, service, image, tmp_path):
    """A file in the way of the folder is said in one line."""
    service.plays(picture())
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match="cannot write to"):
        px.save(image, tmp_path / "file" / "folder")


@pytest.mark.parametrize("content", [PNG, GIF], ids=["one file", "with one beside it"])
def test_a_file_system_that_gives_up_halfway_is_left_clean(px, service, image, tmp_path, monkeypatch, content):
    """Without hard links the last renaming fails: nothing is left, neither of the picture nor of its description."""

    def broken(*_args: object) -> None:
        raise OSError(5, "Input/output error")

    rename = Path.rename
    monkeypatch.setattr("os.link", broken)
    monkeypatch.setattr(
        "pathlib.Path.rename", lambda path, name: rename(path, name) if name.suffix == ".json" else broken()
    )
    service.plays(picture(content))
    with pytest.raises(DownloadError, match="Input/output error"):
        px.save(image, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(px, service, image, tmp_path, monkeypatch):
    """Neither of the picture nor of what was to become of it."""

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    service.plays(picture())
    with pytest.raises(DownloadError, match="No space left on device"):
        px.save(image, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_of_ours_is_not_taken_for_a_broken_picture(px, service, tmp_path, monkeypatch):
    """It comes out as it is, after everything else has ended."""

    def mistaken(*_args: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr("pixola_ext._io.files.spliced", mistaken)
    service.plays(picture())
    with pytest.raises(RuntimeError, match="a mistake"):
        px.save(batch_of(service, 3), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_batch_of_several_is_saved_whole(face, time, tmp_path):
    """From the sandbox in this process, which many threads ask at once."""
    client = face.sandbox(Sandbox(), clock=time.clock())
    batch = client.generate("A fox", model="midjourney-v7")
    assert len(batch.images) == 4
    paths = client.save(batch, tmp_path, template="{index}-{image_id}")
    assert [path.stem for path in paths] == [f"{n}-{image.image_id}" for n, image in enumerate(batch.images, 1)]
    assert len({pixels(path.read_bytes()) for path in paths}) == 4
    face.close(client)


@pytest.mark.parametrize("dest", ["", "new/folder", "picture.png", "new/picture.png"])
def test_a_destination_can_be_tested_before_anything_is_paid(tmp_path, dest):
    """Nothing is made by it, and nothing left."""
    check_destination(tmp_path / dest)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dest", ["file", "file/new", "file/picture.png", "dangling", "nul\0", "long" * 100])
def test_a_destination_that_cannot_be_written_is_told_before_anything_is_paid(tmp_path, dest):
    """Whatever is in the way: a file, a link to nowhere, a name that cannot be."""
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match="^dest: cannot write to") as caught:
        check_destination(tmp_path / dest)
    assert caught.value.setting == "dest"
    assert len(list(tmp_path.iterdir())) == 2


def test_an_interrupted_save_says_which_batch_is_paid(face, service, image, tmp_path, time):
    """The exception stays what it is, and a note says how to go on."""

    def interrupted(seconds):
        raise asyncio.CancelledError

    async def async_interrupted(seconds):
        raise asyncio.CancelledError

    service.plays(error(503, "busy"))
    clock = time.clock()._replace(sleep=interrupted, async_sleep=async_interrupted)
    px = face.open("pxk_1", service.url, clock=clock, budget=False, journal=False)
    with pytest.raises(asyncio.CancelledError) as caught:
        px.save(Batch("bt_1", "complete", (image,)), tmp_path)
    face.close(px)
    assert caught.value.batch_id == "bt_1"
    assert "px.save(px.batches.get('bt_1'), ...)" in "".join(caught.value.__notes__)
