"""An answer that names another id than was asked for is the answer to another request, and is not taken."""

import pytest

from pixola_ext import UnexpectedResponseError
from tests.support.wire import reply


@pytest.mark.parametrize(
    ("get", "body"),
    [
        (lambda px: px.batches.get("bt_1"), {"batchId": "bt_2", "status": "complete", "images": []}),
        (lambda px: px.images.get("im_1"), {"imageId": "im_2", "status": "complete"}),
    ],
    ids=["batch", "image"],
)
def test_what_was_not_asked_for_is_not_returned(px, service, get, body):
    """The error names the id that came."""
    service.plays(reply(body))
    with pytest.raises(UnexpectedResponseError, match="_2', which was not asked for"):
        get(px)


def test_an_answer_without_an_id_is_of_what_was_asked_for(px, service):
    """The API reference does not say that it is repeated."""
    service.plays(reply({"status": "complete", "images": []}))
    assert px.batches.get("bt_1").batch_id == "bt_1"


def test_a_wait_goes_on_until_the_right_answer_comes(px, service):
    """A stray answer costs one poll."""
    other = reply({"batchId": "bt_2", "status": "failed", "images": []})
    service.plays(other, reply({"batchId": "bt_1", "status": "complete", "images": []}))
    assert px.wait("bt_1").batch_id == "bt_1"
