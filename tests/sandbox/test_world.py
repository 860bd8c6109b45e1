"""How the world moves: batches, credits, pages, chance."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.moderation import FLAGGED_WORDS
from pixola_ext.sandbox.records import FAILED, Account, Fate, Submission, title_of
from pixola_ext.sandbox.world import TooFewCreditsError, World
from tests.support.sandboxes import KEY, Opened, Reached

NOW = 1_772_366_400.0


def submission(prompt: str = "a cat", model: str = "flux-2", quality: str = "standard") -> Submission:
    """A submission."""
    return Submission(prompt, model, "no-style", "square", quality)


class Moved:
    """A world with a clock in its hand."""

    def __init__(self, **options: Any) -> None:
        self.now = NOW
        self.world = World(lambda: self.now, **options)
        self.account: Account = self.world.add_account("pxk_1")


def test_a_batch_is_processed_then_complete(opened: Opened) -> None:
    """The picture has no URL, title or price before it is there."""
    box = opened(latency=1.0)
    batch_id = box.submit("a red fox", quality="hd")
    before = box.get(f"/batches/{batch_id}").json()
    assert before["status"] == "processing"
    assert before["images"][0] | {"imageId": ""} == {
        "imageId": "",
        "url": None,
        "model": "flux-2",
        "status": "processing",
        "creditsCharged": 0,
    }
    assert box.get("/credits").json()["balance"] == 1000
    box.time.elapsed += 120
    after = box.get(f"/batches/{batch_id}").json()
    assert after["status"] == "complete"
    assert after["images"][0]["creditsCharged"] == 24
    assert box.get("/credits").json()["balance"] == 976
    image = box.get(f"/images/{after['images'][0]['imageId']}").json()
    assert (image["title"], image["prompt"]) == ("A red fox", "a red fox")


def test_models_take_their_own_time() -> None:
    """The median of many waits is near the model's, and no two are alike."""
    moved = Moved(latency=1.0)
    moved.account.balance = 10**6
    waits = sorted(
        moved.world.submit(moved.account, submission(model="flux-2")).images[0].finish - NOW for _ in range(500)
    )
    assert waits[250] == pytest.approx(8.0, rel=0.1)
    assert len(set(waits)) == 500
    assert waits[0] > 1


def test_what_is_in_flight_is_counted_as_spent() -> None:
    """Two that fit alone do not fit together; when one fails, its credits are free again."""
    moved = Moved(latency=1.0)
    moved.account.balance = 20
    moved.world.submit(moved.account, submission(), Fate((FAILED,)))
    with pytest.raises(TooFewCreditsError) as caught:
        moved.world.submit(moved.account, submission())
    assert (caught.value.needed, caught.value.left) == (12, 8)
    assert moved.world.balance(moved.account) == 20
    moved.now += 600
    moved.world.submit(moved.account, submission())
    moved.now += 600
    assert moved.world.balance(moved.account) == 8


@pytest.mark.parametrize(
    ("statuses", "status", "charged"),
    [
        (("complete",), "complete", 32),
        (("failed",), "failed", 0),
        (("rejected",), "rejected", 0),
        (("complete", "failed"), "complete", 8),
        (("failed", "rejected", "failed"), "rejected", 0),
    ],
)
def test_a_batch_ends_by_its_images(statuses: tuple[str, ...], status: str, charged: int) -> None:
    """Complete if any picture is there; only pictures are paid for."""
    moved = Moved()
    batch = moved.world.submit(moved.account, submission(model="midjourney-v7"), Fate(statuses))
    assert batch.status == status
    assert moved.world.balance(moved.account) == 1000 - charged
    assert moved.account.reserved == 0


def test_images_of_a_batch_finish_one_by_one() -> None:
    """The batch is processing until the last one is done."""
    moved = Moved(latency=1.0)
    batch = moved.world.submit(moved.account, submission(model="midjourney-v7"))
    ends = sorted(image.finish for image in batch.images)
    for done, end in enumerate(ends, start=1):
        assert batch.status == "processing"
        moved.now = end
        assert moved.world.balance(moved.account) == 1000 - 8 * done
    assert batch.status == "complete"


def test_a_clock_moved_back_charges_nothing_twice() -> None:
    """What has happened stays."""
    moved = Moved(latency=1.0)
    batch = moved.world.submit(moved.account, submission())
    moved.now += 600
    assert moved.world.balance(moved.account) == 988
    moved.now -= 600
    assert moved.world.balance(moved.account) == 988
    assert batch.status == "complete"


@pytest.mark.parametrize(
    ("prompt", "status"),
    [("gore", 409), ("GORE!", 409), ("a nsfw scene", 409), ("category", 200), ("gorecki at the piano", 200)],
)
def test_moderation_knows_whole_words(box: Reached, prompt: str, status: int) -> None:
    """In any case, and a refused prompt leaves no batch."""
    answer = box.post({"prompt": prompt})
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["error"]["code"] == "content_flagged"
        assert box.get("/batches").json()["batches"] == []


def test_the_flagged_words_are_documented() -> None:
    """All of them, and no others."""
    text = (Path(__file__).parents[2] / "docs/sandbox.md").read_text("utf-8")
    (listed,) = re.findall(r"one of these words: ([\w, ]+)\.", text)
    assert set(listed.split(", ")) == FLAGGED_WORDS


def test_further_keys_have_accounts_of_their_own(opened: Opened) -> None:
    """From the start, each with the same credits."""
    box = opened(more_keys=["pxk_other"], credits=20)
    box.submit()
    answers = [box.get("/credits", headers={"authorization": f"Bearer {key}"}).json() for key in (KEY, "pxk_other")]
    assert [answer["balance"] for answer in answers] == [8, 20]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"credits": -1}, "credits"),
        ({"latency": float("nan")}, "latency"),
        ({"api_key": "secret"}, "api_key"),
        ({"api_key": "pxk_"}, "api_key"),
        ({"more_keys": ["pxk_a", "b"]}, "more_keys"),
        ({"rate_limits": 1}, "rate_limits"),
    ],
)
def test_an_option_out_of_bounds_is_a_value_error(options: dict[str, Any], field: str) -> None:
    """Naming the option."""
    with pytest.raises(ValueError, match=f"^{field}: must"):
        Sandbox(**options)


def test_accounts_do_not_see_each_other(box: Reached) -> None:
    """Another key finds neither batch nor image, and has credits of its own."""
    batch_id = box.submit()
    image_id = box.get("/images").json()["images"][0]["imageId"]
    box.sandbox.world.add_account("pxk_other", credit=5)
    other = {"authorization": "Bearer pxk_other"}
    assert box.get(f"/batches/{batch_id}", headers=other).status_code == 404
    assert box.get(f"/images/{image_id}", headers=other).status_code == 404
    assert box.get(f"/images?batchId={batch_id}", headers=other).json()["images"] == []
    assert box.get("/credits", headers=other).json()["balance"] == 5


def test_pages_lose_and_repeat_nothing_while_items_arrive(box: Reached) -> None:
    """Everything shares one millisecond here, and new batches keep coming in front."""
    made = [box.submit(f"cat {number}") for number in range(7)]
    seen: list[str] = []
    page: dict[str, Any] = {"hasMore": True, "nextCursor": None}
    while page["hasMore"]:
        cursor = {} if page["nextCursor"] is None else {"cursor": page["nextCursor"]}
        page = box.get("/batches", params={"limit": 2, **cursor}).json()
        seen += [batch["batchId"] for batch in page["batches"]]
        box.submit("newer")
    assert seen == made[::-1]
    assert page["nextCursor"] is None


@pytest.mark.parametrize(("count", "pages"), [(0, [0]), (1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2])])
def test_a_full_last_page_is_the_last(box: Reached, count: int, pages: list[int]) -> None:
    """There is no empty page at the end."""
    for _ in range(count):
        box.submit()
    sizes = []
    cursor: dict[str, Any] = {}
    while True:
        page = box.get("/images", params={"limit": 2, **cursor}).json()
        sizes.append(len(page["images"]))
        if not page["hasMore"]:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert sizes == pages


@given(gaps=st.lists(st.integers(-2, 3), max_size=30), size=st.integers(1, 7))
def test_cursors_are_an_order(gaps: list[int], size: int) -> None:
    """However the clock jumps, walking pages of any size shows every batch once, newest first."""
    moved = Moved()
    moved.account.balance = 10**6
    made = []
    for gap in gaps:
        moved.now += gap / 1000
        made.append(moved.world.submit(moved.account, submission()))
    seen = []
    cursor = None
    while True:
        page, cursor = moved.world.batches(moved.account, size, cursor)
        seen += page
        if cursor is None:
            break
    assert seen == made[::-1]


def test_the_same_seed_and_calls_make_the_same_world(opened: Opened) -> None:
    """Byte for byte, ids, waiting times and signatures included; another seed makes another."""

    def story(seed: int) -> list[bytes]:
        box = opened(seed=seed, latency=1.0)
        box.time.elapsed = 0.0
        box.submit("a cat", model="midjourney-v7")
        paths = [f"/batches/{box.submit('a dog')}", "/images", "/batches", "/credits"]
        box.time.elapsed = 18.0
        return [box.get(path).content.replace(box.sandbox.pictures.origin.encode(), b"") for path in paths]

    assert story(1) == story(1)
    assert all(one != other for one, other in zip(story(1)[:3], story(2)[:3], strict=True))


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("a cat", "A cat"),
        ("  a\n cat. ", "A cat"),
        ("x" * 80, "X" + "x" * 59),
        ("a very long description of a lighthouse that goes on and on and on", None),
    ],
)
def test_titles_come_from_the_prompt(prompt: str, title: str | None) -> None:
    """Short, on one line, cut at a word."""
    found = title_of(prompt)
    assert len(found) <= 60
    assert found == (title or "A very long description of a lighthouse that goes on and on")
