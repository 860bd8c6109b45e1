"""Waiting: until it is finished, and never in vain."""

import pickle

import pytest

from pixola_ext import (
    GenerationFailedError,
    GenerationRejectedError,
    InsufficientCreditsError,
    NotFoundError,
    WaitTimeoutError,
)
from tests.support.wire import error, reply


def batch(status: str, *images: str):
    return reply(
        {
            "batchId": "bt_1",
            "status": status,
            "images": [
                {"imageId": f"im_{i}", "url": None, "model": "flux-2", "status": each, "creditsCharged": 0}
                for i, each in enumerate(images)
            ],
        }
    )


@pytest.mark.parametrize("word", ["processing", "queued", "", "COMPLETE"])
def test_any_word_that_is_not_final_means_not_yet(px, service, time, word):
    """Unknown words are survived; the polls are spaced."""
    service.plays(batch(word), batch(word), batch("complete", "complete"))
    assert px.wait("bt_1").images[0].image_id == "im_0"
    assert len(service.heard) == 3
    assert min(time.slept) >= 1


NOTHING = reply({"batches": [], "nextCursor": None, "hasMore": False})


def test_generate_is_submit_and_wait(px, service):
    """One paid request, with a list of the batches before the first one, then polls of its batch."""
    service.plays(NOTHING, reply({"batchId": "bt_1"}), batch("processing"), batch("complete", "complete"))
    finished = px.generate("a cat", shape="square")
    assert finished.is_terminal
    assert finished.images[0].batch_id == "bt_1"
    assert [heard.method for heard in service.heard] == ["GET", "POST", "GET", "GET"]


def test_trouble_between_two_polls_is_survived(px, service):
    """A wait is not ended by what may pass."""
    service.plays(
        None, error(500, "internal_error"), reply(b"<html>", 502), reply(b"[]"), batch("complete", "complete")
    )
    assert px.wait("bt_1").status == "complete"


def test_a_wait_outlives_more_trouble_than_one_call(connect, service):
    """Even when a poll gives up, the wait goes on."""
    service.plays(*[error(503, "down")] * 7, batch("complete", "complete"))
    assert connect("pxk_1", service.url, max_retries=1).wait("bt_1").status == "complete"


def test_updates_tell_of_changes_only(px, service):
    """`on_update` hears of every new state once."""
    service.plays(
        batch("processing"), batch("processing"), batch("processing", "complete"), batch("complete", "complete")
    )
    told = []
    px.wait("bt_1", on_update=told.append)
    assert [(each.status, len(each.images)) for each in told] == [("processing", 0), ("processing", 1), ("complete", 1)]


@pytest.mark.parametrize(
    ("status", "expected"), [("failed", GenerationFailedError), ("rejected", GenerationRejectedError)]
)
def test_a_batch_without_a_picture_is_an_error_with_the_batch(px, service, status, expected):
    """The error names the batch, holds it, and survives pickling."""
    service.plays(batch(status, status))
    with pytest.raises(expected, match=f"batch bt_1 ended as {status}") as caught:
        px.wait("bt_1")
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.batch == caught.value.batch
    assert again.batch_id == "bt_1"


@pytest.mark.parametrize("status", ["failed", "complete"])
def test_a_partial_batch_gives_its_pictures_and_says_what_failed(px, service, status):
    """What was made and paid for is returned."""
    service.plays(batch(status, "complete", "failed", "complete"))
    finished = px.wait("bt_1")
    assert [image.image_id for image in finished.completed] == ["im_0", "im_2"]
    assert [image.image_id for image in finished.unfinished] == ["im_1"]


def test_a_wait_that_is_too_long_says_how_to_go_on(px, service, time):
    """The timeout is kept to the second, and the batch id is on the error."""
    service.plays(batch("processing"))
    with pytest.raises(WaitTimeoutError, match="bt_1 was not finished within 30 s") as caught:
        px.wait("bt_1", timeout=30)
    assert caught.value.batch_id == "bt_1"
    assert time.elapsed == pytest.approx(30)


def test_an_error_that_will_not_pass_ends_the_wait_with_the_batch_id(px, service):
    """404 is not survived."""
    service.plays(error(404, "not_found"))
    with pytest.raises(NotFoundError) as caught:
        px.wait("bt_1")
    assert caught.value.batch_id == "bt_1"


def test_an_interruption_leaves_the_batch_id(connect, service, time, face):
    """Ctrl-C while waiting is still Ctrl-C, and says which batch goes on."""
    service.plays(batch("processing"))

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    time.sleep = interrupt
    client = connect("pxk_1", service.url)
    with pytest.raises(KeyboardInterrupt) as caught:
        client.wait("bt_1")
    assert caught.value.batch_id == "bt_1"


def test_a_refused_submission_is_not_waited_for(px, service):
    """`generate` raises what `submit` raises."""
    service.plays(NOTHING, error(409, "insufficient_credits"))
    with pytest.raises(InsufficientCreditsError):
        px.generate("a cat")
    assert len(service.heard) == 2


def test_waiting_takes_a_batch_too(px, service):
    """A batch from `submit` or `batches.get` can be waited for."""
    service.plays(NOTHING, reply({"batchId": "bt_1"}), batch("complete", "complete"))
    assert px.wait(px.submit("a cat")).status == "complete"


def test_a_batch_of_ours_that_is_not_found_yet_is_waited_for(px, service):
    """Right after the submission a store may not know it; another id is an error at once."""
    service.plays(NOTHING, reply({"batchId": "bt_1"}), error(404, "not_found"), batch("complete", "complete"))
    assert px.generate("a cat").status == "complete"
