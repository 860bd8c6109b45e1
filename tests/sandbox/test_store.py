"""A sandbox that is kept on disk: restarted, killed, moved in time."""

import signal
import sqlite3
import stat
import threading
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.folder import StoreError
from pixola_ext.sandbox.records import Fate, Submission
from pixola_ext.sandbox.store import Store
from tests.support.command import Served, sandbox
from tests.support.faces import START, Time

START_TIME = START.timestamp()


def kept(folder: Path, time: Time, **options: Any) -> Sandbox:
    """A sandbox in a folder."""
    return Sandbox(store=Store(folder), clock=lambda: START_TIME + time.elapsed, **options)


def close(box: Sandbox) -> None:
    """End it in good order."""
    assert box._store is not None
    box._store.close()


def submit(box: Sandbox, prompt: str = "a cat", fate: Fate | None = None) -> str:
    """The id of a new batch."""
    wanted = Submission(prompt, "midjourney-v7", "no-style", "panorama", "standard")
    return box.world.submit(box.world.accounts[box.api_key], wanted, fate or Fate()).batch_id


def story(box: Sandbox) -> list[bytes]:
    """Everything that the API tells."""
    with httpx.Client(transport=box.transport, headers={"authorization": f"Bearer {box.api_key}"}) as http:
        return [http.get(f"{box.base_url}{path}").content for path in ("/batches", "/images", "/credits")]


def test_a_restart_changes_nothing(tmp_path: Path, time: Time) -> None:
    """Finished or not, every answer is the same, byte for byte."""
    box = kept(tmp_path, time, latency=1.0)
    submit(box, "finished", Fate(("complete", "failed")))
    time.elapsed += 600
    submit(box, "in the making 🦊")
    before = story(box)
    close(box)
    again = kept(tmp_path, time, latency=1.0, seed=5)
    assert story(again) == before
    assert again.options.seed == 0
    time.elapsed += 600
    assert b'"balance":960' in story(again)[2]
    close(again)


def test_ids_go_on_after_a_restart(tmp_path: Path, time: Time) -> None:
    """No id and no cursor comes twice."""
    made = []
    for _ in range(3):
        box = kept(tmp_path, time)
        made += [submit(box), submit(box)]
        assert [batch.batch_id for batch in box.world.accounts[box.api_key].batches] == made
        close(box)
    assert len(set(made)) == 6


def test_keys_and_favourites_are_kept(tmp_path: Path, time: Time) -> None:
    """With their credits and plans."""
    box = kept(tmp_path, time)
    account = box.world.add_account("pxk_other", credit=5, plan="pro")
    submit(box)
    image = box.world.accounts[box.api_key].images[0]
    box.world.mark(image, favorite=True)
    close(box)
    again = kept(tmp_path, time)
    assert (again.world.accounts["pxk_other"].balance, again.world.accounts["pxk_other"].plan) == (5, account.plan)
    assert [each.is_favorite for each in again.world.accounts[again.api_key].images] == [True, False, False, False]
    close(again)


def test_pictures_are_kept(tmp_path: Path, time: Time) -> None:
    """As files, which are used again."""
    box = kept(tmp_path, time)
    submit(box)
    image = box.world.accounts[box.api_key].images[0]
    url = box.pictures.url(image)
    with httpx.Client(transport=box.transport) as http:
        content = http.get(str(url)).content
    close(box)
    (file,) = (tmp_path / "pictures").iterdir()
    assert file.read_bytes() == content
    file.write_bytes(b"another")
    again = kept(tmp_path, time)
    with httpx.Client(transport=again.transport) as http:
        assert http.get(str(url)).content == b"another"
    close(again)


def test_a_reset_forgets_for_good(tmp_path: Path, time: Time) -> None:
    """Also on disk."""
    box = kept(tmp_path, time)
    submit(box)
    box.reset(seed=9)
    close(box)
    again = kept(tmp_path, time)
    assert again.world.accounts[again.api_key].batches == []
    assert again.options.seed == 9
    close(again)


@pytest.mark.parametrize("back", [-600.0, 600.0])
def test_a_moved_clock_is_kept(tmp_path: Path, time: Time, back: float) -> None:
    """And what had happened before it was moved has happened."""
    box = kept(tmp_path, time, latency=1.0)
    submit(box)
    time.elapsed += 600
    box.move_clock(lambda clock: clock.freeze())
    box.move_clock(lambda clock: clock.advance(back))
    before, now = story(box), box.clock.now()
    close(box)
    again = kept(tmp_path, time, latency=1.0)
    assert again.clock.now() == now
    assert story(again) == before
    assert b'"balance":968' in before[2]
    close(again)


def test_a_folder_belongs_to_one_sandbox(tmp_path: Path, time: Time) -> None:
    """The second is refused, and the first goes on; once it is closed the folder is free."""
    box = kept(tmp_path, time)
    with pytest.raises(StoreError, match="in use by another sandbox"):
        Store(tmp_path)
    made = submit(box)
    close(box)
    again = kept(tmp_path, time)
    assert [batch.batch_id for batch in again.world.accounts[again.api_key].batches] == [made]
    close(again)


def test_the_future_is_refused(tmp_path: Path, time: Time) -> None:
    """A file of another version is neither read nor changed."""
    close(kept(tmp_path, time))
    with sqlite3.connect(tmp_path / "sandbox.sqlite3") as database:
        database.execute("PRAGMA user_version=99")
    database.close()
    with pytest.raises(StoreError, match="another version"):
        Store(tmp_path)


def test_what_cannot_be_written_is_not_accepted(tmp_path: Path, time: Time) -> None:
    """The client is told, and the submission is neither listed nor paid for."""
    box = kept(tmp_path, time)
    close(box)  # as if the disk were gone
    headers = {"authorization": f"Bearer {box.api_key}"}
    with httpx.Client(transport=box.transport, base_url=box.base_url, headers=headers) as http:
        answer = http.post("/generate", json={"prompt": "a cat"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
        assert http.get("/batches").json()["batches"] == []
        assert http.get("/credits").json()["balance"] == 1000
        key = http.post(f"{box.origin}/_sandbox/keys", json={"key": "pxk_other"})
        assert key.status_code == 500
    assert "pxk_other" not in box.world.accounts


def fetch(box: Sandbox, prompt: str = "a cat") -> None:
    """Have a picture drawn and stored."""
    with httpx.Client(transport=box.transport) as http:
        http.get(picture_url(box, prompt)).raise_for_status()


def test_half_a_picture_is_never_served(tmp_path: Path, time: Time) -> None:
    """A partial file that a killed process left is removed at the next start; a file of another program stays."""
    box = kept(tmp_path, time)
    fetch(box)
    close(box)
    (file,) = (tmp_path / "pictures").iterdir()
    file.with_name(f"{file.name}.part").write_bytes(b"half")
    foreign = tmp_path / "pictures" / "download.part"
    foreign.write_bytes(b"of another program")
    close(kept(tmp_path, time))
    assert {*(tmp_path / "pictures").iterdir()} == {file, foreign}


def test_a_reset_removes_only_recorded_files(tmp_path: Path, time: Time) -> None:
    """Pictures that a user has put into the folder stay."""
    box = kept(tmp_path, time)
    fetch(box)
    foreign = tmp_path / "pictures" / "fox.png"
    foreign.write_bytes(b"paid for")
    box.reset()
    assert [*(tmp_path / "pictures").iterdir()] == [foreign]
    close(box)


@pytest.mark.parametrize("name", ["pictures/fox.png", "notes.txt", "sandbox.sqlite3"])
def test_a_folder_with_other_files_is_refused(tmp_path: Path, name: str) -> None:
    """And nothing in it is made, changed or removed, a database of another program included."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE accounts (name TEXT)")
    database.close()
    content = file.read_bytes()
    before = {*tmp_path.rglob("*")}
    with pytest.raises(StoreError, match="not empty and was not made by"):
        Store(tmp_path)
    assert ({*tmp_path.rglob("*")}, file.read_bytes()) == (before, content)


def marked(folder: Path, time: Time) -> Path:
    """A folder that a sandbox has made."""
    close(kept(folder, time))
    return folder


def test_a_linked_folder_of_pictures_is_refused(tmp_path: Path, time: Time) -> None:
    """The link could lead to a user's pictures."""
    folder, other = marked(tmp_path / "kept", time), tmp_path / "other"
    other.mkdir()
    (folder / "pictures").rmdir()
    (folder / "pictures").symlink_to(other, target_is_directory=True)
    with pytest.raises(StoreError, match="pictures that is not a folder of its own"):
        Store(folder)


@pytest.mark.parametrize("name", ["sandbox.sqlite3", "sandbox.sqlite3-wal", ".pixola-sandbox"])
def test_linked_files_are_refused(tmp_path: Path, time: Time, name: str) -> None:
    """A link is never written through."""
    folder, other = marked(tmp_path / "kept", time), tmp_path / "other"
    other.write_bytes(b"mine")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(other)
    with pytest.raises(StoreError, match=r"that (is not a file of its own|was not made by)"):
        Store(folder)
    assert other.read_bytes() == b"mine"


def test_a_database_of_another_program_is_refused(tmp_path: Path, time: Time) -> None:
    """Also in a folder with the mark."""
    folder = marked(tmp_path, time)
    (folder / "sandbox.sqlite3").unlink()
    with sqlite3.connect(folder / "sandbox.sqlite3") as database:
        database.execute("CREATE TABLE accounts (name TEXT)")
    database.close()
    with pytest.raises(StoreError, match="written by another program"):
        Store(folder)


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE batches DROP COLUMN ends",
        "UPDATE meta SET value='nonsense'",
        "UPDATE meta SET value='[]' WHERE name='seed'",
        "UPDATE batches SET ends='5'",
        "UPDATE batches SET model='nothing'",
        "UPDATE batches SET key='pxk_nobody'",
        """INSERT INTO meta VALUES ('clock', '{"shown": "noon", "source": 0}')""",
    ],
)
def test_damaged_values_are_refused(tmp_path: Path, time: Time, damage: str) -> None:
    """With one kind of error, before a request is answered."""
    box = kept(tmp_path, time)
    submit(box)
    close(box)
    with sqlite3.connect(tmp_path / "sandbox.sqlite3") as database:
        database.execute(damage)
    database.close()
    store = Store(tmp_path)
    with pytest.raises(StoreError, match="is damaged"):
        Sandbox(store=store)
    store.close()


def test_only_the_owner_may_read_the_folder(tmp_path: Path, time: Time) -> None:
    """It holds API keys; the rights are set again at every start."""
    folder = tmp_path / "kept"
    for _ in range(2):
        box = kept(folder, time)
        fetch(box)
        modes = {path.relative_to(folder).as_posix(): stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}
        assert stat.S_IMODE(folder.stat().st_mode) == modes.pop("pictures") == 0o700
        assert {*modes.values()} == {0o600}
        assert modes.keys() >= {"sandbox.sqlite3", "sandbox.sqlite3-wal", ".pixola-sandbox"}
        close(box)
        (folder / "sandbox.sqlite3").chmod(0o644)
        folder.chmod(0o755)


def test_a_kept_picture_is_not_taken_for_another(tmp_path: Path, time: Time) -> None:
    """After a reset ids come again, with other prompts, and pictures may have captions or not."""
    box = kept(tmp_path, time)
    url = picture_url(box, "a cat")
    with httpx.Client(transport=box.transport) as http:
        cat = http.get(url).content
        (file,) = (tmp_path / "pictures").iterdir()
        box.reset()
        file.write_bytes(cat)  # a download that was still under way
        again = picture_url(box, "a lighthouse")
        assert again.partition("?")[0] == url.partition("?")[0]
        assert http.get(again).content != cat
    close(box)


def picture_url(box: Sandbox, prompt: str) -> str:
    """The URL of a new picture."""
    submit(box, prompt)
    return str(box.pictures.url(box.world.accounts[box.api_key].images[0]))


class Client:
    """A client of `pixola sandbox --data`, as a process."""

    def __init__(self, running: Served) -> None:
        headers = {"authorization": f"Bearer {running.api_key}"}
        self.http = httpx.Client(trust_env=False, headers=headers, base_url=running.url)
        self.origin = running.url.removesuffix("/api/v1")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def admin(self, name: str, document: Any) -> Any:
        """An admin call."""
        return self.http.post(f"{self.origin}/_sandbox/{name}", json=document).raise_for_status().json()

    def walk(self, name: str) -> list[Any]:
        """All items of a list."""
        items: list[Any] = []
        cursor: dict[str, Any] = {}
        while True:
            page = self.http.get(f"/{name}", params={"limit": 100, **cursor}).json()
            items += page[name]
            if not page["hasMore"]:
                return items
            cursor = {"cursor": page["nextCursor"]}

    def submit_until_killed(self, answered: list[str]) -> None:
        """Submit as fast as it goes."""
        while True:
            try:
                answer = self.http.post("/generate", json={"prompt": "a cat", "model": "sana-1.6b"})
                answered.append(answer.json()["batchId"])
            except (httpx.TransportError, ValueError):
                return


def test_nothing_accepted_is_lost_by_kill_9(tmp_path: Path) -> None:
    """Four threads submit until the process is killed, three times over; whatever was answered is there again, and what
    was charged is charged once and for ever.
    """
    options = ["--data", str(tmp_path), "--no-rate-limits", "--latency", "0.05", "--credits", "1000000"]
    answered: list[str] = []
    charged: dict[str, int] = {}
    for run in range(4):
        with sandbox(*options) as running, Client(running) as client:
            ids = [batch["batchId"] for batch in client.walk("batches")]
            images = {image["imageId"]: image["creditsCharged"] for image in client.walk("images")}
            assert set(answered) <= set(ids)
            assert len(set(ids)) == len(ids) <= len(answered) + 4 * run  # those in flight when it was killed
            assert charged.items() <= images.items()
            charged = {image_id: credit for image_id, credit in images.items() if credit}
            assert set(charged.values()) <= {2}
            if run < 3:
                kill_in_mid_run(running, client, answered)
    with sandbox(*options) as running, Client(running) as client:
        client.admin("clock", {"advance": 60})
        assert client.http.get("/credits").json()["balance"] == 1_000_000 - 2 * len(ids)
    assert len(answered) >= 150


def kill_in_mid_run(running: Served, client: Client, answered: list[str]) -> None:
    """After fifty more answers, while more requests are under way."""
    goal = len(answered) + 50
    threads = [threading.Thread(target=client.submit_until_killed, args=(answered,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    while len(answered) < goal and any(thread.is_alive() for thread in threads):
        threads[0].join(0.002)
    running.process.send_signal(signal.SIGKILL)
    for thread in threads:
        thread.join()


def test_everything_else_survives_kill_9_as_well(tmp_path: Path) -> None:
    """Keys, favourites, a frozen clock, charges, and the signatures of URLs."""
    options = ["--data", str(tmp_path), "--latency", "1", "--seed", "7"]

    def story(client: Client) -> list[Any]:
        other = client.http.get("/credits", headers={"authorization": "Bearer pxk_other"}).json()
        images = [{**image, "url": None} for image in client.walk("images")]
        clock = client.http.get(f"{client.origin}/_sandbox/clock").json()
        return [other, images, clock, client.http.get("/credits").json()]

    with sandbox(*options) as running, Client(running) as client:
        client.http.post("/generate", json={"prompt": "a cat", "shape": "panorama"})
        client.admin("clock", {"advance": 600})
        client.admin("clock", {"frozen": True})
        client.http.post("/generate", json={"prompt": "a dog"})
        client.admin("keys", {"key": "pxk_other", "credits": 5, "plan": "pro"})
        dog, cat = client.walk("images")
        client.admin("favorites", {"imageId": cat["imageId"]})
        before = story(client)
        running.process.send_signal(signal.SIGKILL)
    assert (dog["status"], cat["status"]) == ("processing", "complete")
    with sandbox(*options) as running, Client(running) as client:
        assert story(client) == before
        origin = client.walk("images")[1]["url"].partition("/images/")[0]
        old = cat["url"].partition("/images/")
        assert client.http.get("".join((origin, *old[1:]))).status_code == 200
