"""Pictures in stores: whole under their final name or not there, never in place of another, and found again."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread
from uuid import uuid4

import anyio
import pytest
from upath import UPath

from pixola_ext import AsyncPixola, ConfigurationError, DownloadError, GenerationRequest, Image, Pixola
from pixola_ext._io.places import check_destination, destination
from pixola_ext.sandbox import Sandbox
from tests.support import s3
from tests.support.many import collect, posts
from tests.support.pictures import GIF, PNG
from tests.support.saving import TODAY, batch_of, picture


@pytest.fixture(params=["s3", "memory", "other"])
def folder(request, bucket):
    """A folder of S3, of a store in memory, and of one that cannot put on a condition."""
    if request.param == "s3":
        return f"{bucket.url}/new/folder"
    place = UPath(f"memory://{uuid4()}/folder")
    if request.param == "other":
        request.getfixturevalue("monkeypatch").setattr("pixola_ext._io.remote._CONDITIONAL", frozenset())
    return place


def names(folder):
    """The names of all objects in a folder of a store."""
    place = destination(folder)
    place.fs.invalidate_cache()
    return sorted(each.rpartition("/")[2] for each in place.fs.find(place.path))


def test_a_picture_is_saved_under_our_name(px, service, image, folder):
    """As in a folder of this machine; the path that is given back can be read."""
    service.plays(picture())
    (path,) = px.save(image, folder, metadata=False)
    assert str(path) == f"{folder}/{TODAY}-flux-2-im_1.png"
    assert path.read_bytes() == PNG
    assert names(folder) == [path.name]


def test_a_file_name_and_its_numbers_are_those_of_local_files(px, service, folder):
    """Images of a batch are numbered in order; in a store without conditions their ids are in the names, too."""
    service.script = lambda heard: picture(PNG if "1.png" in heard.target else GIF)
    paths = px.save(batch_of(service, 2), f"{folder}/fox.png" if isinstance(folder, str) else folder / "fox.png")
    stems = [path.stem.replace("-im_1", "").replace("-im_2", "") for path in paths]
    assert stems == ["fox", "fox-2"]
    assert [path.suffix for path in paths] == [".png", ".gif"]
    assert names(folder) == sorted([*(path.name for path in paths), f"{paths[1].name}.json"])


def test_the_same_picture_is_not_written_twice(px, service, image, folder):
    """It is found under the name that it has; with its metadata in it, or beside it."""
    for content in (PNG, GIF):
        service.plays(picture(content))
        first, second = px.save(image, folder, template="fox"), px.save(image, folder, template="fox")
        assert first == second
    assert {name.partition(".")[2] for name in names(folder)} == {"png", "gif", "gif.json"}


def test_another_picture_is_never_overwritten(px, service, image, folder):
    """A taken name gets a number."""
    place = destination(folder)
    (place / "fox.png").write_bytes(b"somebody else's")
    (place / "fox-im_1.png").write_bytes(b"somebody else's")
    service.plays(picture())
    (path,) = px.save(image, folder, template="fox", metadata=False)
    assert path.read_bytes() == PNG
    assert (place / "fox.png").read_bytes() == (place / "fox-im_1.png").read_bytes() == b"somebody else's"


def test_two_that_are_saved_at_once_do_not_overwrite_each_other(px, service, bucket, monkeypatch):
    """Although both have seen that the name is free: the store decides."""
    monkeypatch.setattr("pixola_ext._io.remote._Store.exists", lambda _store, _target: False)
    service.script = lambda heard: picture(PNG)
    images = [Image(f"im_{n}", url=f"{service.origin}/{n}.png", status="complete") for n in (1, 2)]
    (first,) = px.save(images[0], f"{bucket.url}/fox.png")
    (second,) = px.save(images[1], f"{bucket.url}/fox.png")
    assert [first.name, second.name] == ["fox.png", "fox-2.png"]
    assert b"im_1" in first.read_bytes()


def test_a_file_url_is_a_folder_of_this_machine(px, service, image, tmp_path):
    """Its paths are paths."""
    service.plays(picture())
    (path,) = px.save(image, (tmp_path / "my pictures").as_uri())
    assert isinstance(path, Path)
    assert path.parent == tmp_path / "my pictures"


def test_an_upath_brings_the_options_of_its_store(px, service, image, bucket, monkeypatch):
    """Where the environment leads nowhere."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    service.plays(picture())
    (path,) = px.save(image, bucket.path("here"))
    assert list(bucket.objects()) == [f"here/{path.name}"]


def test_no_temporary_file_stays_on_this_machine(px, service, image, bucket, tmp_path, monkeypatch):
    """Whether the picture comes to the store or not."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    service.plays(picture())
    px.save(image, bucket.url)
    with pytest.raises(DownloadError):
        px.save(image, "s3://no-such-bucket/pictures")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("dest", "reason"),
    [
        ("nothing://bucket/pictures", "nothing:// is a protocol that fsspec does not know"),
        ("sftp://user:s3cret@host/pictures", "a password is not possible; mount it"),
        ("simplecache::s3://bucket", "several file systems"),
        ("file://host/pictures", "names a host"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(px, service, image, dest, reason):
    """In one line, without the password in it."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        px.save(image, dest)
    assert "s3cret" not in str(caught.value)
    assert (caught.value.setting, service.heard) == ("dest", [])


@pytest.mark.parametrize("given", ["pictures", "C://pictures", "a::b", "s3:/bucket", "-"])
def test_what_is_no_url_is_a_path(given):
    """Whatever is in it."""
    assert destination(given) == Path(given)


def test_the_protocol_may_be_in_capitals():
    """As in any URL."""
    assert str(destination("MEMORY://Pictures/a")) == "memory://Pictures/a"


@pytest.mark.parametrize("ledger", ["memory://pictures", UPath("memory://pictures")])
def test_a_store_keeps_no_ledger(face, ledger):
    """It is refused before anything is sent."""
    client = face.sandbox(Sandbox())
    with pytest.raises(ConfigurationError, match="which a store is not"):
        client.generate_many(["a fox"], dest="memory://pictures/", ledger=ledger)
    face.close(client)


def test_an_error_of_a_store_is_rebuilt_from_json(px, service, bucket):
    """With the paths of what was saved, as task queues need it."""
    service.script = lambda heard: picture(b"no picture" if "2.png" in heard.target else PNG)
    with pytest.raises(DownloadError) as caught:
        px.with_options(max_retries=0).save(batch_of(service, 2), bucket.url)
    again = DownloadError(*json.loads(json.dumps(caught.value.args)))
    assert [str(path) for path in again.saved] == [f"{bucket.url}/{TODAY}-im_1.png"]
    assert isinstance(again.saved[0], UPath)


def test_a_missing_package_is_named(px, service, image, monkeypatch):
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "upath", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'pixola-ext\[remote\]'"):
        px.save(image, "s3://bucket/pictures")


@pytest.mark.parametrize(
    ("dest", "reason"),
    [
        ("s3://no-such-bucket-here/pictures", "bucket does not exist"),
        ("gs://bucket/pictures", "install gcsfs"),
        ("s3://", "cannot write to s3://"),
        ("http://127.0.0.1:9/pictures", "cannot write to"),
    ],
)
def test_a_destination_is_tested_before_anything_is_paid_for(face, bucket, dest, reason):
    """By an object that is made and deleted."""
    box = Sandbox()
    client = face.sandbox(box)
    with pytest.raises(ConfigurationError, match=reason) as caught:
        collect(face, client.generate_many(["a fox"], dest=dest))
    face.close(client)
    assert (caught.value.setting, posts(box)) == ("dest", 0)


def test_wrong_credentials_are_told_without_them(monkeypatch):
    """As the store says it."""
    with s3.server(INITIAL_NO_AUTH_ACTION_COUNT="0") as port:
        place = s3.Bucket(port, "bucket").path("pictures")
        with pytest.raises(
            ConfigurationError, match=r"cannot write to s3://bucket/pictures \(.*nothing was sent"
        ) as caught:
            check_destination(place)
    assert s3.SECRET not in str(caught.value)


def test_the_test_of_a_destination_leaves_nothing(bucket):
    """Nor does it need the folder."""
    check_destination(destination(f"{bucket.url}/new/folder"))
    assert bucket.objects() == {}


def test_a_bulk_run_saves_into_a_store(face, bucket):
    """Each outcome has its paths there."""
    client = face.sandbox(Sandbox(credits=10**6))
    requests = [{"prompt": "a fox", "name": "fox", "n": 2}, GenerationRequest("a hen", model="flux-2")]
    outcomes = collect(face, client.generate_many(requests, dest=f"{bucket.url}/pictures"))
    face.close(client)
    assert all(outcome.is_ok for outcome in outcomes)
    paths = [str(path).removeprefix(f"{bucket.url}/") for outcome in outcomes for path in outcome.paths]
    assert sorted(bucket.objects()) == sorted(paths)
    assert {"pictures/fox.png", "pictures/fox-2.png"} <= set(paths)


def test_a_store_that_fails_is_an_error_of_ours(px, service, image, bucket):
    """After the tries of its own client; nothing is left in it."""
    with s3.gate(bucket.port) as store:
        place = bucket.path("pictures", port=store.port, config_kwargs={"retries": {"max_attempts": 0}})
        place.fs.retries = 1
    service.plays(picture())
    with pytest.raises(DownloadError, match="cannot write to s3://"):
        px.save(image, place)
    assert bucket.objects() == {}


def test_an_upload_that_is_too_slow_ends_at_the_time_out(px, service, image, bucket, monkeypatch):
    """And makes no object, neither then nor later."""
    service.plays(picture())
    with s3.gate(bucket.port) as store:
        monkeypatch.setattr("pixola_ext._io.remote.monotonic", lambda: 1000.0 * store.held.is_set())
        with pytest.raises(DownloadError, match="took too long") as caught:
            px.save(image, bucket.path("pictures", port=store.port))
        assert store.left.wait(20)
    assert caught.value.is_transient
    assert bucket.objects() == {}


def test_ctrl_c_ends_an_upload(service, image, bucket):
    """At once, and the object is not made later."""
    service.plays(picture())
    with Pixola("pxk_test_0123456789", service.url, budget=False) as px, s3.gate(bucket.port) as store:
        Thread(target=lambda: store.held.wait(30) and signal.raise_signal(signal.SIGINT), daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            px.save(image, bucket.path("pictures", port=store.port))
        assert store.left.wait(20)
    assert bucket.objects() == {}


def test_cancelling_ends_an_upload(service, image, bucket):
    """As it ends all others."""
    service.plays(picture())

    async def cancelled() -> None:
        async with AsyncPixola("pxk_test_0123456789", service.url, budget=False) as px:
            with s3.gate(bucket.port) as store, anyio.fail_after(30):
                async with anyio.create_task_group() as group:
                    group.start_soon(px.save, image, bucket.path("pictures", port=store.port))
                    await anyio.to_thread.run_sync(store.held.wait)
                    group.cancel_scope.cancel()
                assert await anyio.to_thread.run_sync(store.left.wait, 20)

    anyio.run(cancelled)
    assert bucket.objects() == {}


def test_a_folder_of_this_machine_loads_nothing_of_stores(tmp_path):
    """A single picture, and a bulk run."""
    code = (
        "import sys\nfrom pixola_ext import Pixola\npx = Pixola.sandbox()\n"
        "px.save(px.generate('a fox'), sys.argv[1])\nassert [*px.generate_many(['a hen'], dest=sys.argv[1])][0].paths\n"
        "print({'fsspec', 'upath', 's3fs'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("set()\n", "")
