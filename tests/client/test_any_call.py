"""`px.call` and `px.request`: whatever the service offers, by the rules of every other call."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixola_client.api.batches import get_batch, list_batches
from pixola_client.api.generation import create_generation
from pixola_client.api.models import list_models
from pixola_client.models import Batch, GenerationRequest
from pixola_client.operation import Operation

from pixola_ext import (
    BadRequestError,
    ConfigurationError,
    RequestError,
    ServerError,
    SubmissionUnknownError,
    UnexpectedResponseError,
)
from pixola_ext._api.arguments import checked_path
from tests.support.account import Account, accept, lose, refuse
from tests.support.faces import Face, Time

BASE = "http://127.0.0.1:9/api/v1"


@pytest.fixture
def served(face: Face):
    """A client whose requests are answered by a function; `asked` lists them."""
    made = []

    def make(answer, **options):
        asked = []

        def handle(request):
            asked.append(request)
            return answer(request)

        kind = httpx.Client if face.name == "sync" else httpx.AsyncClient
        http_client = kind(transport=httpx.MockTransport(handle))
        options = {"budget": False, "clock": Time().clock(), **options}
        client = face.open("pxk_1234", BASE, http_client=http_client, **options)
        made.append(client)
        return client, asked

    yield make
    for client in made:
        face.close(client)


def usage(method: str = "GET") -> Operation[object]:
    return Operation(name="get_usage", tag="usage", method=method, path="/usage", read=lambda body: body)


def test_a_generated_operation_is_called(served):
    """With key and parameters, and read as its own kind."""
    px, asked = served(lambda _request: httpx.Response(200, json={"batchId": "bt_1", "status": "complete"}))
    batch = px.call(get_batch.operation("bt_1"))
    assert (type(batch), batch.batch_id, batch.status) == (Batch, "bt_1", "complete")
    assert asked[0].headers["authorization"] == "Bearer pxk_1234"
    assert asked[0].url.path == "/api/v1/batches/bt_1"


def test_what_is_not_given_is_not_sent(served):
    """None leaves a parameter to the service."""
    px, asked = served(lambda _request: httpx.Response(200, json={"batches": []}))
    px.call(list_batches.operation(limit=3))
    assert asked[0].url.query == b"limit=3"


def test_an_empty_answer_is_none(served):
    """204, or a success without a body."""
    px, _ = served(lambda _request: httpx.Response(204))
    assert px.call(usage("DELETE")) is None
    assert px.request("DELETE", "/usage") is None


def test_errors_are_those_of_every_call(served):
    """By status and code; nonsense is an `UnexpectedResponseError`."""
    error = {"error": {"code": "bad_request", "message": "no"}}
    px, _ = served(lambda _request: httpx.Response(400, json=error))
    with pytest.raises(BadRequestError, match="bad_request: no"):
        px.call(usage())
    px, _ = served(lambda _request: httpx.Response(200, text="<html>"))
    with pytest.raises(UnexpectedResponseError):
        px.call(list_models.operation())


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_changes_something_is_sent_once(served, method):
    """A lost answer says that it may have been carried out; it is not asked for again."""

    def lose(request):
        raise httpx.ReadError("reset", request=request)

    px, asked = served(lose)
    with pytest.raises(RequestError, match="may have been carried out") as lost:
        px.call(usage(method))
    assert (len(asked), lost.value.may_be_done) == (1, True)
    px, asked = served(lambda _request: httpx.Response(502))
    with pytest.raises(ServerError, match="may have been carried out"):
        px.request(method, "/usage", json={})
    assert len(asked) == 1


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_was_never_delivered_is_sent_again(served, method):
    """Nothing can have been carried out."""

    def refuse(request):
        raise httpx.ConnectError("refused", request=request)

    px, asked = served(refuse, max_retries=2)
    with pytest.raises(RequestError) as refused:
        px.call(usage(method))
    assert (len(asked), refused.value.may_be_done) == (3, False)


def test_what_only_asks_is_repeated(served):
    """A failure that passes is not seen."""
    answers = iter([httpx.Response(503), httpx.Response(200, json={"left": 3})])
    px, _ = served(lambda _request: next(answers))
    assert px.request("get", "/usage", params={"day": 1}) == {"left": 3}


@pytest.mark.parametrize(
    "path",
    ["usage", "//evil.example/x", "https://evil.example/", "/../x", "/a/%2e%2e/b", "/a?b=1", "/a#b", "/ü", "", None],
)
def test_a_path_that_leads_elsewhere_is_refused(served, path):
    """The key goes to the service alone."""
    px, asked = served(lambda _request: httpx.Response(200, json={}))
    with pytest.raises(ConfigurationError, match="path"):
        px.request("GET", path)
    assert asked == []


@given(st.text(max_size=30))
def test_every_path_stays_below_the_base_url(path):
    """Whatever is taken as a path."""
    try:
        taken = checked_path(f"/{path}")
    except ConfigurationError:
        return
    url = httpx.URL(BASE + taken)
    assert (url.host, url.port, url.query, url.fragment) == ("127.0.0.1", 9, b"", "")
    assert url.path.startswith("/api/v1/")


def test_a_wrong_argument_is_told(served):
    """A function that was not called, a method that is none, a body that is no JSON."""
    px, _ = served(lambda _request: httpx.Response(200, json={}))
    with pytest.raises(ConfigurationError, match="operation"):
        px.call(get_batch.operation)
    with pytest.raises(ConfigurationError, match="method"):
        px.request("GET /models", "/models")
    with pytest.raises(ConfigurationError, match="json"):
        px.request("POST", "/usage", json={"a": object()})


@pytest.fixture
def submitted(served):
    """What `submit` sends for some arguments, and the batch."""

    def submit(*arguments, **options):
        def answer(request):
            accepted = {"batchId": "bt_1"} if request.method == "POST" else {"batches": [], "hasMore": False}
            return httpx.Response(200, json=accepted)

        px, asked = served(answer)
        batch = px.submit(*arguments, **options)
        return httpx.Response(200, content=asked[-1].content).json(), batch

    return submit


def test_a_whole_request_in_place_of_the_prompt(submitted):
    """With what is given beside it in place of its members; the batch knows what was submitted."""
    request = GenerationRequest("a fox", model="flux-2", extra={"unheardOf": 7})
    sent, batch = submitted(request, quality="hd", extra={"neverSaid": "dogs"})
    assert sent == {"prompt": "a fox", "model": "flux-2", "quality": "hd", "unheardOf": 7, "neverSaid": "dogs"}
    assert batch.submission.to_dict() == sent


@pytest.mark.parametrize(
    "extra", [{"prompt": "x"}, {"model": "x"}, {1: 2}, {"": 1}, ["x"], {"a": float("nan")}, {"a": {1, 2}}]
)
def test_extra_members_are_checked_before_paying(submitted, extra):
    """None stands for a parameter, and all of them are JSON."""
    with pytest.raises(ConfigurationError, match="extra"):
        submitted("a fox", extra=extra)


@pytest.mark.parametrize("way", ["call", "request"])
def test_a_generation_by_any_call_is_sent_once_and_found_again(face, service, way):
    """It has an entry in the journal as one by `submit` has, so that no other submission is given its batch."""
    account = Account([lose(None), accept])
    service.script = account.script
    px = face.open("pxk_1234", service.url, clock=Time().clock())

    def generate():
        request = GenerationRequest("a fox", extra={"unheardOf": None})
        if way == "call":
            return px.call(create_generation.operation(request)).batch_id
        return px.request("POST", "/generate", json={"prompt": "a fox", "unheardOf": None})["batchId"]

    assert [generate(), generate()] == [made.batch_id for made in reversed(account.made)]
    assert len(account.posts) == 2
    assert px.pending() == []
    if way == "request":
        assert account.posts[0] == {"prompt": "a fox", "unheardOf": None}
    account.answers = [refuse(None)]
    with pytest.raises(SubmissionUnknownError):
        generate()
    assert len(px.pending()) == 1
    face.close(px)


def test_what_cannot_be_told_again_is_sent_as_any_call_is(served):
    """Without a prompt no list would show which batch it is: the service refuses it, or not."""
    px, asked = served(lambda _request: httpx.Response(200, json={"batchId": "bt_1"}))
    for body in (None, [1], {"prompts": ["a"]}, {"prompt": 7}):
        assert px.request("POST", "/generate", json=body) == {"batchId": "bt_1"}
    assert [request.method for request in asked] == ["POST"] * 4
