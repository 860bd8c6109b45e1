"""Submitting: once, whatever happens on the wire."""

import pytest

from pixola_ext import (
    BadRequestError,
    ConfigurationError,
    ConnectError,
    ContentFlaggedError,
    InsufficientCreditsError,
    SubmissionUnknownError,
)
from tests.faces import START
from tests.wire import error, reply


def test_an_accepted_submission_is_a_batch_in_the_making(px, service):
    """The batch comes back at once with its id, and only what was given went out."""
    service.plays(reply({"batchId": "bt_1"}))
    batch = px.submit("a cat", model="flux-2", quality="hd")
    assert (batch.batch_id, batch.status, batch.images, batch.is_terminal) == ("bt_1", "processing", (), False)
    assert [heard.json() for heard in service.heard] == [{"prompt": "a cat", "model": "flux-2", "quality": "hd"}]
    assert (service.heard[0].method, service.heard[0].target) == ("POST", "/api/v1/generate")
    assert service.heard[0].headers["authorization"] == "Bearer pxk_test_0123456789"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (error(409, "content_flagged"), ContentFlaggedError),
        (error(409, "insufficient_credits"), InsufficientCreditsError),
        (error(400, "bad_request"), BadRequestError),
    ],
)
def test_a_refusal_is_raised_after_one_attempt(px, service, answer, expected):
    """What the service refused is never sent again."""
    service.plays(answer)
    with pytest.raises(expected):
        px.submit("a cat")
    assert len(service.heard) == 1


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{",
        reply({"nothing": 1}),
        reply(b"<html>hello</html>"),
        reply(b"", 502),
        error(500, "internal_error"),
        reply(b"", 302, location="https://elsewhere.example/"),
    ],
    ids=["closed", "truncated", "no id", "html", "502", "500", "redirect"],
)
def test_a_lost_answer_is_never_sent_again(px, service, answer):
    """Whenever the service may have accepted it, one request goes out and the error says what is in doubt."""
    service.plays(answer)
    with pytest.raises(SubmissionUnknownError) as caught:
        px.submit("a cat", style="anime")
    assert [heard.method for heard in service.heard] == ["POST"]
    assert caught.value.request == {"prompt": "a cat", "style": "anime"}
    assert caught.value.submitted_at == START


def test_a_rate_limited_submission_waits_as_told_and_goes_out_again(px, service, time):
    """429 means that it was not accepted, so it is repeated when the service says."""
    service.plays(error(429, "rate_limited", retry_after="7"), reply({"batchId": "bt_1"}))
    assert px.submit("a cat").batch_id == "bt_1"
    assert time.slept == [7.0]
    assert len(service.heard) == 2


def test_a_submission_that_was_never_delivered_is_repeated(connect, service, time):
    """Nobody listens: it is tried again, and then raised as what it is."""
    service.close()
    with pytest.raises(ConnectError):
        connect("pxk_1", service.url, max_retries=2).submit("a cat")
    assert len(time.slept) == 2


def test_every_submission_takes_a_fresh_connection(px, service):
    """A reused connection can lose the race with the server's close, and then nobody knows who pays."""
    service.plays(reply({"batchId": "bt_1"}))
    for _ in range(3):
        px.submit("a cat")
    assert service.connections == 3


@pytest.mark.parametrize("prompt", ["", "  \n", None, 7, "half \ud83d"])
def test_an_unusable_prompt_is_refused_before_any_request(px, service, prompt):
    """Nothing is sent for what cannot be a prompt."""
    with pytest.raises(ConfigurationError, match="^prompt: "):
        px.submit(prompt)
    assert service.heard == []


def test_a_misspelt_slug_is_answered_with_its_neighbours_once_the_catalog_is_known(px, service):
    """The service's 400 stays what it is, and names slugs close by."""
    unknown = error(400, "bad_request", "model: unknown model 'flux2'")
    service.plays(unknown)
    with pytest.raises(BadRequestError) as before:
        px.submit("a cat", model="flux2")
    assert before.value.suggestions == ()
    service.plays(reply({"models": [{"slug": "flux-2"}, {"slug": "flux-2-pro"}, {"slug": "sora"}]}), unknown)
    px.models.list()
    with pytest.raises(BadRequestError, match=r"unknown model 'flux2' \(did you mean flux-2, flux-2-pro\?\)"):
        px.submit("a cat", model="flux2")
