"""A client that was closed raises one and the same error from every call, and one that could not be made has a repr."""

import pytest

from pixola_ext import ConfigurationError, Image, SubmissionUnknownError
from tests.support.faces import START
from tests.support.wire import reply

CALLS = {
    "credits": lambda px: px.credits(),
    "models.list": lambda px: px.models.list(),
    "models.get": lambda px: px.models.get("flux-2"),
    "styles.list": lambda px: px.styles.list(),
    "styles.get": lambda px: px.styles.get("anime"),
    "shapes.list": lambda px: px.shapes.list(),
    "shapes.get": lambda px: px.shapes.get("square"),
    "submit": lambda px: px.submit("a cat"),
    "generate": lambda px: px.generate("a cat"),
    "wait": lambda px: px.wait("bt_1"),
    "reconcile": lambda px: px.reconcile(SubmissionUnknownError("x", request={"prompt": "a cat"}, submitted_at=START)),
    "batches.get": lambda px: px.batches.get("bt_1"),
    "batches.list": lambda px: next(iter(px.batches.list())),
    "batches.pages": lambda px: next(px.batches.list().pages()),
    "images.get": lambda px: px.images.get("im_1"),
    "images.list": lambda px: next(iter(px.images.list())),
    "save": lambda px: px.save(Image("im_1", url="https://cdn.example/a.png", status="complete"), "."),
    "save an image that has no URL yet": lambda px: px.save(Image("im_1"), "."),
    "open": lambda px: px.open(Image("im_1", url="https://cdn.example/a.png", status="complete")),
}


def refused(call):
    """The error's text."""
    with pytest.raises(ConfigurationError) as caught:
        call()
    assert caught.value.setting == "http_client"
    return str(caught.value)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("kind", ["itself", "copy", "sandbox"])
def test_every_call_of_a_closed_client_raises_the_same_error(face, name, kind):
    """Nothing is sent; also by copies that share its connections, and on the sandbox."""
    client = face.sandbox() if kind == "sandbox" else face.open("pxk_test_0123456789", budget=False)
    used = client.with_options(timeout=5) if kind == "copy" else client
    face.close(client)
    assert refused(lambda: CALLS[name](used)) == "the client is closed; make a new one"


def test_closing_twice_is_closing_once(face):
    """Nothing happens the second time."""
    client = face.sandbox()
    face.close(client)
    face.close(client)


def test_an_iterator_that_was_begun_raises_it_at_its_next_page(face):
    """What has arrived is still given out."""
    client = face.sandbox()
    for prompt in ("a cat", "a dog", "a cow"):
        client.submit(prompt)
    items = iter(client.batches.list(page_size=2))
    next(items)
    face.close(client)
    next(items)
    refused(lambda: next(items))


def test_a_wait_that_is_under_way_raises_it_at_its_next_poll(face, service, time):
    """It names the batch, as whatever ends a wait does."""
    client = face.open("pxk_test_0123456789", service.url, clock=time.clock(), budget=False)

    def answer(_heard):
        client_of(client)._driver._connections._is_closed = True
        return reply({"batchId": "bt_1", "status": "processing", "images": []})

    service.script = answer
    with pytest.raises(ConfigurationError, match="closed") as caught:
        client.wait("bt_1")
    assert caught.value.batch_id == "bt_1"
    face.close(client)


def client_of(client):
    """The client itself, without what makes it blocking."""
    return getattr(client, "_target", client)


def test_a_client_that_could_not_be_made_has_a_repr(face):
    """Tracebacks with local variables call it."""
    unmade = face.kind.__new__(face.kind)
    assert repr(unmade) == f"<{face.kind.__name__} that could not be made>"
    with pytest.raises(ConfigurationError) as caught:
        face.kind("pxk_1", timeout=-1)
    trace = caught.value.__traceback__
    while trace is not None:
        assert all(map(repr, trace.tb_frame.f_locals.values()))
        trace = trace.tb_next
