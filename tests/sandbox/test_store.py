"""A sandbox that is kept on disk: restarted, killed, moved in time."""

import signal
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.records import Fate, Submission
from pixola_ext.sandbox.store import Store
from tests.cli.conftest import sandbox
from tests.faces import START, Time

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


def test_nothing_accepted_is_lost_by_kill_9(tmp_path: Path) -> None:
    """Four threads submit until the process is killed; whatever was answered is there again, and charged once."""
    answered: list[str] = []

    def submit_for_ever(url: str, key: str) -> None:
        with httpx.Client(trust_env=False, headers={"authorization": f"Bearer {key}"}) as http:
            while True:
                try:
                    answer = http.post(f"{url}/generate", json={"prompt": "a cat", "model": "sana-1.6b"})
                    answered.append(answer.json()["batchId"])
                except (httpx.TransportError, ValueError):
                    return

    options = ["--data", str(tmp_path), "--no-rate-limits", "--latency", "0.05", "--credits", "1000000"]
    for _ in range(2):
        with sandbox(*options) as running:
            arguments = (running.url, running.api_key)
            threads = [threading.Thread(target=submit_for_ever, args=arguments) for _ in range(4)]
            for thread in threads:
                thread.start()
            goal = len(answered) + 100
            while len(answered) < goal and any(thread.is_alive() for thread in threads):
                threads[0].join(0.01)
            running.process.send_signal(signal.SIGKILL)
            for thread in threads:
                thread.join()
    with sandbox(*options) as running:
        headers = {"authorization": f"Bearer {running.api_key}"}
        with httpx.Client(trust_env=False, headers=headers, base_url=running.url) as http:
            batches = walk(http, "/batches", "batches")
            images = walk(http, "/images", "images")
            charged = sum(image["creditsCharged"] for image in images)
            balance = http.get("/credits").json()["balance"]
    ids = [batch["batchId"] for batch in batches]
    assert len(answered) >= 200
    assert set(answered) <= set(ids)
    assert len(set(ids)) == len(ids) <= len(answered) + 8  # those in flight when it was killed
    assert balance == 1_000_000 - charged
    assert {image["creditsCharged"] for image in images if image["status"] == "complete"} == {2}


def walk(http: httpx.Client, path: str, name: str) -> list[Any]:
    """All items of a list."""
    items: list[Any] = []
    cursor: dict[str, Any] = {}
    while True:
        page = http.get(path, params={"limit": 100, **cursor}).json()
        items += page[name]
        if not page["hasMore"]:
            return items
        cursor = {"cursor": page["nextCursor"]}
