"""`generate_many`: each request has one outcome, whatever becomes of the others."""

from collections import Counter
from itertools import count as numbers
from pathlib import Path
from time import monotonic, sleep

import anyio
import pytest

from pixola_ext import (
    ConfigurationError,
    ContentFlaggedError,
    CreditLimitError,
    DownloadError,
    GenerationFailedError,
    GenerationRejectedError,
    GenerationRequest,
    InsufficientCreditsError,
    NotFoundError,
    Pixola,
    PixolaError,
    UnauthorizedError,
)
from pixola_ext.sandbox import Sandbox
from tests.support.many import collect, posts


@pytest.fixture
def box():
    """A sandbox with credits enough."""
    return Sandbox(credits=10**6)


@pytest.fixture
def many(face, box):
    """A client of it."""
    client = face.sandbox(box)
    yield client
    face.close(client)


def charged(box):
    """The credits that the sandbox has charged."""
    account = next(iter(box.world.accounts.values()))
    return 10**6 - box.world.balance(account)


def test_every_request_has_one_outcome_in_whatever_order(face, many, box):
    """Prompts, requests and rows; `number` is the place of each, and what is charged is what is delivered."""
    requests = [
        *(f"picture {number}" for number in range(40)),
        GenerationRequest("a request", model="flux-2"),
        {"prompt": "a row", "n": 3, "page": "12"},
    ]
    outcomes = collect(face, many.generate_many(requests))
    assert Counter(outcome.number for outcome in outcomes) == Counter([*range(1, 42), 42, 42, 42])
    assert all(outcome.is_ok for outcome in outcomes)
    assert {outcome.carried.get("page") for outcome in outcomes if outcome.number == 42} == {"12"}
    for outcome in outcomes[:40]:
        if outcome.number <= 40:
            assert outcome.request.prompt == outcome.batch.submission.prompt == f"picture {outcome.number - 1}"
    assert sum(outcome.credits for outcome in outcomes) == charged(box)
    assert posts(box) == 44


def test_nothing_is_asked_for_nothing(face, many, box):
    """An empty iterable ends at once."""
    assert collect(face, many.generate_many([])) == []
    assert posts(box) == 0


@pytest.mark.parametrize(
    ("prompt", "error"),
    [
        ("sandbox:content-flagged", ContentFlaggedError),
        ("sandbox:fails", GenerationFailedError),
        ("sandbox:is-rejected", GenerationRejectedError),
        ("sandbox:not-found", NotFoundError),
    ],
)
def test_what_goes_wrong_for_one_is_its_outcome(face, many, box, prompt, error):
    """It is not sent again, and the others are made."""
    outcomes = collect(face, many.generate_many(["first", prompt, "third"]))
    assert {outcome.number: type(outcome.error) for outcome in outcomes} == {1: type(None), 2: error, 3: type(None)}
    assert posts(box) == 3


def test_an_unknown_slug_is_refused_for_one(face, many):
    """With the answer of the service."""
    outcomes = collect(face, many.generate_many([{"prompt": "a", "model": "flx-2"}, "b"]))
    assert sorted((outcome.number, outcome.is_ok) for outcome in outcomes) == [(1, False), (2, True)]


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "  ",
        {},
        {"prompt": None},
        {"prompt": 5},
        {"prompt": "a", "n": 0},
        {"prompt": "a", "name": "a/b"},
        None,
        7,
        b"a",
    ],
)
def test_a_request_that_cannot_be_sent_is_an_outcome(face, many, box, bad):
    """With a `ConfigurationError`; nothing is sent for it."""
    outcomes = collect(face, many.generate_many(["a", bad, "b"]))
    assert {outcome.number: outcome.is_ok for outcome in outcomes} == {1: True, 2: False, 3: True}
    (refused,) = [outcome for outcome in outcomes if outcome.number == 2]
    assert isinstance(refused.error, PixolaError)
    assert posts(box) == 2


@pytest.mark.parametrize("requests", ["a fox", b"a fox", {"prompt": "a fox"}, GenerationRequest("a fox"), 7, None])
def test_one_request_instead_of_several_is_refused_at_once(many, requests):
    """Before anything is paid: letters and keys are no prompts."""
    with pytest.raises(ConfigurationError, match="requests"):
        many.generate_many(requests)


@pytest.mark.parametrize("value", [0, -1, 1.5, "3", True])
@pytest.mark.parametrize("name", ["max_credits", "concurrency"])
def test_limits_are_whole_numbers(many, name, value):
    """Of at least one."""
    with pytest.raises(ConfigurationError, match=name):
        many.generate_many(["a fox"], **{name: value})


@pytest.mark.parametrize(
    ("fault", "error"), [("unauthorized", UnauthorizedError), ("insufficient-credits", InsufficientCreditsError)]
)
def test_what_concerns_all_is_raised_when_all_that_was_sent_has_its_outcome(face, many, box, fault, error):
    """The key or the credits: nothing is lost of what was accepted before."""
    prompts = [f"picture {number}" + (f" sandbox:{fault}" if number == 9 else "") for number in range(200)]
    outcomes = []
    with pytest.raises(error):
        collect(face, many.generate_many(prompts), outcomes.append)
    assert all(outcome.is_ok for outcome in outcomes)
    assert 9 <= len(outcomes) < 200
    assert sum(outcome.credits for outcome in outcomes) == charged(box)


def test_credits_that_run_out_end_the_run(face):
    """A free account's thousand."""
    box = Sandbox(credits=100)
    outcomes = []
    poor = face.sandbox(box)
    with pytest.raises(InsufficientCreditsError):
        collect(face, poor.generate_many([{"prompt": "a fox", "model": "flux-2", "n": 50}]), outcomes.append)
    face.close(poor)
    account = next(iter(box.world.accounts.values()))
    assert sum(outcome.credits for outcome in outcomes) == 100 - box.world.balance(account) > 0


def test_the_ceiling_of_credits_is_never_exceeded(face, many, box):
    """What can be paid for is made; the rest is told by an error that says how much it is."""
    price = _price(many)
    outcomes = []
    requests = [{"prompt": f"p {number}", "model": "flux-2"} for number in range(15)]
    with pytest.raises(CreditLimitError, match="5 requests are not sent"):
        collect(face, many.generate_many(requests, max_credits=10 * price + price // 2), outcomes.append)
    assert len(outcomes) == 10
    assert charged(box) == 10 * price


def _price(many):
    models = many.models.list()
    return next(model for model in models if model.slug == "flux-2").pricing.standard


def test_what_fails_is_not_charged_and_leaves_room_below_the_ceiling(face, many, box):
    """Failures are paid back by the service, so that others are made instead."""
    price = _price(many)
    requests = [{"prompt": f"p {number} sandbox:fails", "model": "flux-2"} for number in range(6)]
    requests += [{"prompt": f"p {number}", "model": "flux-2"} for number in range(3)]
    outcomes = collect(face, many.generate_many(requests, max_credits=3 * price))
    assert sum(outcome.is_ok for outcome in outcomes) == 3
    assert charged(box) == 3 * price


def test_without_a_price_nothing_is_sent_below_a_ceiling(face, many, box):
    """A model that the catalog does not have is an outcome, and no obstacle for the others."""
    outcomes = collect(face, many.generate_many([{"prompt": "a", "model": "flx-2"}, "b"], max_credits=500))
    assert {outcome.number: outcome.is_ok for outcome in outcomes} == {1: False, 2: True}
    assert posts(box) == 1


def test_pictures_are_saved_under_their_names(face, many, tmp_path):
    """Or as `px.save` names them."""
    outcomes = collect(face, many.generate_many([{"prompt": "a fox", "name": "fox {1}"}, "a hen"], dest=tmp_path))
    paths = {outcome.request.prompt: outcome.paths for outcome in outcomes}
    assert paths["a fox"][0].stem == "fox {1}"
    assert {path.parent for (path,) in paths.values()} == {tmp_path}
    assert all(path.stat().st_size > 100 for (path,) in paths.values())


def test_a_picture_that_cannot_be_fetched_is_an_outcome_with_its_batch(face, many, tmp_path):
    """It is paid for: the batch says where it is."""
    outcomes = collect(face, many.generate_many(["a fox sandbox:download-not-an-image", "a hen"], dest=tmp_path))
    failed, saved = sorted(outcomes, key=lambda outcome: outcome.number)
    assert isinstance(failed.error, DownloadError)
    assert (failed.paths, failed.is_ok, len(failed.batch.completed)) == ((), False, 1)
    assert saved.is_ok


def test_a_folder_that_vanishes_is_told_by_each_outcome(face, many, tmp_path):
    """A file is in its place: nothing can be saved, and nothing that was paid for is forgotten."""
    folder = tmp_path / "pictures"
    folder.mkdir()

    def prompts():
        folder.rmdir()
        folder.write_text("no folder")
        yield from ["a fox", "a hen"]

    outcomes = collect(face, many.generate_many(prompts(), dest=folder))
    assert [(type(outcome.batch).__name__, outcome.paths) for outcome in outcomes] == [("Batch", ())] * 2
    assert all(isinstance(outcome.error, PixolaError) for outcome in outcomes)


def test_a_destination_that_cannot_be_used_is_refused_at_once(many, tmp_path):
    """Before anything is paid."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(PixolaError):
        many.generate_many(["a fox"], dest=tmp_path / "file")


def test_events_tell_each_step(face, many, tmp_path):
    """With the number of the outcome, also for copies and after requests that cannot be sent."""
    events = []
    requests = ["", {"prompt": "a fox", "n": 2}, "sandbox:content-flagged"]
    outcomes = collect(face, many.generate_many(requests, dest=tmp_path, on_event=events.append))
    told = Counter((event.kind, event.number) for event in events)
    assert told == {("submitted", 2): 2, ("finished", 2): 2, ("saved", 2): 2, ("refused", 3): 1}
    batches = {outcome.batch.batch_id for outcome in outcomes if outcome.batch}
    assert {event.batch_id for event in events if event.kind == "finished"} == batches


def test_a_listener_that_fails_costs_nothing(face, many, caplog):
    """It is logged, and every outcome comes."""

    def broken(_event):
        raise ValueError("no such event")

    outcomes = collect(face, many.generate_many([f"p {number}" for number in range(10)], on_event=broken))
    assert sum(outcome.is_ok for outcome in outcomes) == 10
    assert "on_event failed" in caplog.text


def test_an_iterable_that_raises_ends_the_run_when_all_is_delivered(face, many, box):
    """What it has given before is made, and its own error is raised at the end."""

    def prompts():
        yield from (f"p {number}" for number in range(7))
        raise LookupError("no more prompts")

    outcomes = []
    with pytest.raises(LookupError, match="no more prompts"):
        collect(face, many.generate_many(prompts()), outcomes.append)
    assert len(outcomes) == posts(box) == 7


def test_an_endless_iterable_is_read_as_it_can_be_sent(face, many):
    """Some hundred ahead of what was taken, whatever the speed of the service."""
    read = 0
    most = 0
    taken = 0

    def prompts():
        nonlocal read
        for read in numbers(1):
            yield f"p {read}"

    def take(_outcome):
        nonlocal taken, most
        taken += 1
        most = max(most, read - taken)
        return taken < 300

    collect(face, many.generate_many(prompts()), take)
    assert most < 400
    assert taken == 300


def test_a_generator_may_wait_for_what_it_gave_before(face, many):
    """What it has given is sent before the next is asked for."""
    submitted = []

    def prompts():
        for number in range(5):
            yield f"p {number}"
            deadline = monotonic() + 20.0
            while len(submitted) < number and monotonic() < deadline:
                sleep(0.001)
            assert monotonic() < deadline

    def note(event):
        if event.kind == "submitted":
            submitted.append(event)

    if face.kind is Pixola:  # the other client's tasks and its iterable share a thread
        assert len(collect(face, many.generate_many(prompts(), on_event=note))) == 5
    else:
        assert len(collect(face, many.generate_many(_slowly(submitted), on_event=note))) == 5


async def _slowly(submitted):
    for number in range(5):
        yield f"p {number}"
        with anyio.fail_after(20.0):
            while len(submitted) < number:  # noqa: ASYNC110  (what is waited for is a list)
                await anyio.sleep(0.001)


def test_a_client_makes_several_runs_at_once_and_one_after_the_other(face, many, box):
    """They share the limits and what is learned, and nothing else."""
    one, other = many.generate_many(["a", "b"]), many.generate_many(["c", "d", "e"])
    found = []
    for _ in range(2):
        collect(face, one, lambda outcome: found.append(outcome.request.prompt) and False, close=False)
        collect(face, other, lambda outcome: found.append(outcome.request.prompt) and False, close=False)
    collect(face, one, lambda outcome: found.append(outcome.request.prompt))
    collect(face, other, lambda outcome: found.append(outcome.request.prompt))
    assert len(collect(face, many.generate_many(["f"]))) == 1
    assert posts(box) == 6


# -- with a ledger -----------------------------------------------------------------------------------------------------


def test_the_second_call_goes_on(face, many, box, tmp_path):
    """What was done has no outcome any more; what is new is made; equal requests are as many as there are."""
    first = collect(face, many.generate_many(["a", "b", "b"], ledger=tmp_path))
    again = collect(face, many.generate_many(["a", "b", "b", "b", "c"], ledger=tmp_path))
    assert sorted(outcome.request.prompt for outcome in first) == ["a", "b", "b"]
    assert sorted((outcome.request.prompt, outcome.number) for outcome in again) == [("b", 4), ("c", 5)]
    assert collect(face, many.generate_many(["c", "a"], ledger=tmp_path)) == []
    assert posts(box) == 5


def test_a_ceiling_with_a_ledger_counts_earlier_calls(face, many, box, tmp_path):
    """It is one for the whole run."""
    price = _price(many)
    rows = [{"prompt": f"p {number}", "model": "flux-2"} for number in range(5)]
    for _ in range(2):
        with pytest.raises(CreditLimitError):
            collect(face, many.generate_many(rows, ledger=tmp_path, max_credits=3 * price))
    assert charged(box) == 3 * price
    assert len(collect(face, many.generate_many(rows, ledger=tmp_path, max_credits=5 * price))) == 2


def test_what_was_left_is_waited_for_by_the_next_call(face, many, box, tmp_path):
    """Batches that were under way are not sent again."""
    prompts = [f"p {number}" for number in range(12)]
    first = []
    collect(face, many.generate_many(prompts, ledger=tmp_path), lambda outcome: first.append(outcome) and False)
    sent_before = posts(box)
    rest = collect(face, many.generate_many(prompts, ledger=tmp_path))
    assert posts(box) == 12
    assert sent_before >= 1
    assert len({outcome.batch.batch_id for outcome in rest}) == len(rest) >= 12 - sent_before


def test_a_ledger_that_is_deleted_ends_the_run_with_one_error(face, many, box, tmp_path):
    """A `ConfigurationError`, and nothing more is sent: it could not be recorded."""

    def prompts():
        for number in range(500):
            if number == 60:
                for path in Path(tmp_path).glob("pixola-bulk.db*"):
                    path.unlink()
            yield f"p {number}"

    with pytest.raises(ConfigurationError, match="ledger"):
        collect(face, many.generate_many(prompts(), ledger=tmp_path))
    assert posts(box) < 200


def test_a_blocking_client_does_not_take_what_only_the_other_one_can_read(box):
    """An asynchronous iterable."""

    async def prompts():
        yield "a fox"

    with Pixola.sandbox(box) as px, pytest.raises(ConfigurationError, match="requests"):
        px.generate_many(prompts())
