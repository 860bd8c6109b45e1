"""What the templates make: values that read tolerantly, pure operations, and code whatever the document says."""

import copy
import hashlib
import importlib.util
import json
import pickle
import sys
from datetime import UTC, datetime
from pathlib import Path

import attrs
import generate
import httpx
import openapi_python_client
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from normalising.promises import VALUES
from pixola_client import models
from pixola_client.api.batches import get_batch
from pixola_client.api.images import list_images
from pixola_client.api.meta import get_openapi
from pixola_client.client import AuthenticatedClient
from pixola_client.errors import UnreadableError
from pixola_client.models.batch import Batch
from pixola_client.models.generation_request import GenerationRequest
from pixola_client.models.image import Image
from pixola_client.reading import Extra

from tests.support.reference import reference
from tests.values import bodies

STOCK = Path(openapi_python_client.__file__).parent / "templates"
KINDS = [getattr(models, name) for name in VALUES]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)

# -- the generator's own templates -------------------------------------------------------------------------------------

# When this fails the generator was upgraded: look at what changed in its templates and at ours, then renew the hashes.
STOCK_HASHES = {
    "model.py.jinja": "f7355ba45935b618",
    "endpoint_module.py.jinja": "1bef15f386984480",
    "models_init.py.jinja": "0daaad291f861f0d",
    "client.py.jinja": "ccdd92d279429eb1",
    "errors.py.jinja": "95af0acdf7e5f9af",
    "types.py.jinja": "37aea265b69106ff",
    "package_init.py.jinja": "21a63e4d480eb133",
    "": "40a8173f12d052ed",
}


def hash_of(names):
    """One hash of these templates with their names."""
    made = hashlib.sha256()
    for name in names:
        made.update(name.encode() + b"\0" + (STOCK / name).read_bytes() + b"\0")
    return made.hexdigest()[:16]


@pytest.mark.parametrize("name", STOCK_HASHES, ids=lambda name: name or "all")
def test_the_stock_templates_are_those_that_ours_were_written_for(name):
    """Each that is replaced by one of ours, and all of them together."""
    every = sorted(path.relative_to(STOCK).as_posix() for path in STOCK.rglob("*.jinja"))
    assert hash_of([name] if name else every) == STOCK_HASHES[name]


def test_every_template_of_ours_replaces_one_or_is_used_by_one():
    """One with a slip in its name would be ignored in silence."""
    shared = {"members.jinja"}
    ours = {path.name for path in generate.TEMPLATES.iterdir()}
    modules = {f"{path.name}.jinja" for path in generate.MODULES.glob("*.py")}
    renamed = {"__init__.py.jinja": "package_init.py.jinja"}
    replaced = (ours - shared) | ({renamed.get(name, name) for name in modules} & {p.name for p in STOCK.iterdir()})
    assert replaced == set(STOCK_HASHES) - {""}


# -- values ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VALUES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_body_is_read_or_refused_by_name_and_comes_back(name, data):
    """A value that is hashable, picklable and JSON again; or the one error. Nothing of the body is lost."""
    kind, body = getattr(models, name), data.draw(bodies(name))
    try:
        value = kind.from_dict(copy.deepcopy(body))
    except UnreadableError as refused:
        assert str(refused)
        return
    again = value.to_dict()
    assert kind.from_dict(json.loads(json.dumps(again))) == value
    assert hash(pickle.loads(pickle.dumps(value))) == hash(value)
    assert set(body) <= set(again)


@each_kind
def test_what_is_no_object_is_refused(kind):
    """Whatever else it is."""
    for body in (None, [], "x", 7, True):
        with pytest.raises(UnreadableError, match=f"an object was expected for {kind.__name__}"):
            kind.from_dict(body)


@each_kind
def test_values_are_frozen(kind):
    """They can be shared."""
    identities = {name: [] if each.many else {"string": "x", "integer": 1}[each.kind]
                  for name, each in VALUES[kind.__name__].items() if each.is_identity}  # fmt: skip
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        kind.from_dict(identities).extra = Extra()


IMAGE = {"imageId": "im_1", "createdAt": "2026-02-18T05:19:34.019Z", "creditsCharged": 12.0, "isFavorite": True}


@pytest.mark.parametrize("raw", ["2026-02-18T05:19:34.019Z", 1771391974019, 1771391974.019, "1771391974019",
                                 "2026-02-18 06:19:34.019+01:00", "18 Feb 2026 05:19:34.019"])  # fmt: skip
def test_a_time_is_read_in_every_spelling(raw):
    """ISO 8601 with any offset, words, and epoch seconds or milliseconds as number or text."""
    assert Image.from_dict({**IMAGE, "createdAt": raw}).created_at == datetime(2026, 2, 18, 5, 19, 34, 19000, UTC)


@pytest.mark.parametrize("raw", ["soon", "", [], True, 10**400, 1e300, "9" * 400])
def test_a_time_that_is_none_stays_in_extra(raw):
    """It is not lost, and does not make the image unreadable."""
    value = Image.from_dict({**IMAGE, "createdAt": raw})
    assert (value.created_at, dict(value.extra)) == (None, {"createdAt": raw})


@pytest.mark.parametrize(("raw", "read"), [(3.0, 3), (3, 3), (True, None), ("3", None), (2.5, None)])
def test_whole_numbers(raw, read):
    """One with a point is one, a boolean is none."""
    value = Image.from_dict({**IMAGE, "creditsCharged": raw})
    assert (value.credits_charged, dict(value.extra)) == (read, {} if read else {"creditsCharged": raw})
    assert type(value.credits_charged) is not bool


@pytest.mark.parametrize("lost", [{}, {"imageId": None}, {"imageId": 7}, {"imageId": ""}])
def test_a_lost_identity_is_an_error_that_names_it(lost):
    """Also deep inside: a picture that was paid for does not vanish."""
    with pytest.raises(UnreadableError, match="imageId is missing"):
        Image.from_dict(lost)
    with pytest.raises(UnreadableError, match="imageId is missing"):
        Batch.from_dict({"batchId": "b", "images": [IMAGE, lost]})


def test_a_status_that_is_not_there_means_not_finished():
    """The reference knows four words; without one the batch is looked at again."""
    assert Batch.from_dict({"batchId": "b", "status": None}).status == "processing"
    assert Batch.from_dict({"batchId": "b", "status": "delayed"}).status == "delayed"


def test_a_subclass_is_read_with_the_subclasses_inside():
    """Behaviour is added without copying: the class that reads is the one that holds the attribute for its kind."""

    class OurImage(Image):
        @property
        def is_complete(self):
            return self.status == "complete"

    @attrs.frozen(slots=False)
    class OurBatch(Batch):
        _images_kind = OurImage
        submission: str | None = attrs.field(default=None, eq=False)

    batch = OurBatch.from_dict({"batchId": "b", "images": [{**IMAGE, "status": "complete"}]})
    assert type(batch) is OurBatch
    assert batch.images[0].is_complete
    assert attrs.evolve(batch, submission="s") == batch
    assert OurBatch.from_dict(batch.to_dict()) == batch


# -- operations --------------------------------------------------------------------------------------------------------


def test_an_operation_is_a_value():
    """Method, path, query without what is not sent, whether it needs a key, and the reader of the answer."""
    operation = list_images.operation(limit=20)
    assert (operation.method, operation.path, operation.params) == ("GET", "/images", {"limit": 20})
    assert (operation.tag, operation.name, operation.json) == ("images", "list_images", None)
    assert operation.is_safe
    assert operation.needs_key
    assert not get_openapi.operation().needs_key
    assert operation.read({"images": [IMAGE]}).images[0].image_id == "im_1"
    assert operation == list_images.operation(limit=20)


@pytest.mark.parametrize("value", ["", ".", "..", None])
def test_a_path_leads_nowhere_else(value):
    """What would change the path is refused before anything is sent."""
    with pytest.raises(ValueError, match="batch_id"):
        get_batch.operation(value)


def test_a_path_is_quoted():
    """A slash is no separator."""
    assert get_batch.operation("a/../b ü").path == "/batches/a%2F..%2Fb%20%C3%BC"


def test_a_request_sends_what_is_given():
    """None is left out, a word that is new to us goes along, and so do members that no document has."""
    request = GenerationRequest(prompt="x", quality="ultra", extra={"unheardOf": 7, "style": None})
    assert request.to_dict() == {"prompt": "x", "quality": "ultra", "unheardOf": 7, "style": None}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(520, text="<html>"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=None),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, json={"images": []}),
        httpx.Response(302, headers={"location": "https://elsewhere.example"}),
        httpx.Response(404, json={"error": {"code": "not_found", "message": "x"}}),
    ],
    ids=["520", "html", "null", "empty", "not-utf-8", "deep", "without-id", "redirect", "error"],
)
def test_used_alone_the_package_raises_for_no_answer(answer):
    """`parsed` is None, and the status and body are there."""
    client = AuthenticatedClient(
        "https://a.example/api", "pxk_secret", httpx_args={"transport": httpx.MockTransport(lambda _request: answer)}
    )
    found = get_batch.sync_detailed("b", client=client)
    assert (found.status_code, found.parsed) == (answer.status_code, None)
    assert get_batch.sync("b", client=client) is None
    assert "pxk_secret" not in repr(client)


def test_the_key_goes_only_where_it_is_needed():
    """Calls that are open to anyone are sent without it."""
    seen = []

    def answer(request):
        seen.append(request.headers.get("authorization"))
        return httpx.Response(200, json={})

    client = AuthenticatedClient("https://a.example", "k", httpx_args={"transport": httpx.MockTransport(answer)})
    assert get_openapi.sync(client=client) == {}
    get_batch.sync("b", client=client)
    assert seen == [None, "Bearer k"]


# -- whatever the document says ----------------------------------------------------------------------------------------

NAMES = [
    "source", "extra", "cls", "self", "class", "import", "list", "text", "str", "type", "field", "frozen", "identity",
    "member", "reading", "from_dict", "to_dict", "toDict", "datetime", "Any", "any", "_kind", "_images_kind",
    "__init__", "1st", "a-b", "a b", "a.b", 'quo"te', "back\\slash", "new\nline", "{brace}", "{{ x }}", "{% raw %}",
    "é", "日本", "$", "None", "True", "print", "submission", "isComplete",
]  # fmt: skip
SCHEMAS = [
    "Response", "Operation", "Mapping", "Extra", "Any", "list", "class", "usage_report", "123", "Üsage", "a/b", "A B",
    "Image2", "image", "Client", "None", "Final", "Self",
]  # fmt: skip
TEXTS = [
    'ends with "',
    '"""',
    "\\",
    "\\U",
    "a\n\n  b",
    "{{ config }}",
    "{% if %}",
    "\x00",
    "x" * 300,
    "\\" * 300,
    "é" * 200,
]


def hostile():
    """The document with every name and text that could be mistaken for code."""
    document = reference()
    kinds = [{"type": kind} for kind in ("string", "integer", "number", "boolean", "object")]
    kinds += [{"type": "string", "format": "date-time"}, {}, {"type": "array", "items": {"type": "number"}}]
    kinds += [{"type": "array", "items": {"type": "object", "properties": {"x": {"type": "string"}}}}]
    texts = TEXTS * 10
    members = {
        name: {**kinds[index % len(kinds)], "description": texts[index]} for index, name in enumerate([*NAMES, *TEXTS])
    }
    schemas = document["components"]["schemas"]
    schemas["Image"]["properties"] |= copy.deepcopy(members)
    schemas["Batch"]["description"] = '"""\\'
    schemas["GenerationRequest"]["properties"] |= copy.deepcopy(members)
    for name in SCHEMAS:
        schemas[name] = {"type": "object", "properties": {"value": {"enum": [*TEXTS]}, **copy.deepcopy(members)}}
    for index, name in enumerate(SCHEMAS):
        pointer = f"#/components/schemas/{name.replace('/', '~1')}"
        media = {"application/json": {"schema": {"$ref": pointer}}}
        query = [{"name": each, "in": "query", "schema": kinds[index % 5]} for index, each in enumerate(NAMES)]
        document["paths"][f"/new/{index}/{{user.id}}"] = {
            "post": {
                "operationId": name,
                "tags": [name],
                "summary": TEXTS[index % len(TEXTS)],
                "description": TEXTS[-index % len(TEXTS)],
                "parameters": query,
                "requestBody": {"content": media},
                "responses": {"200": {"description": "", "content": media}},
            },
            "delete": {"responses": {"204": {"description": ""}}},
        }
    for index, kind in enumerate([*kinds, {"type": "array", "items": {"$ref": "#/components/schemas/Image"}}]):
        media = {"application/json": {"schema": kind}}
        document["paths"][f"/kind/{index}"] = {"get": {"responses": {"200": {"description": "", "content": media}}}}
    return document


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """The package that the hostile document makes, under a name of its own; it was imported and type-checked."""
    folder = tmp_path_factory.mktemp("strange")
    (folder / "openapi.json").write_text(json.dumps(hostile()))
    generate.generate(folder / "openapi.json", folder)
    generate.verify(folder)
    where = folder / "pixola_client"
    spec = importlib.util.spec_from_file_location(
        "strange_client", where / "__init__.py", submodule_search_locations=[str(where)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["strange_client"] = module
    spec.loader.exec_module(module)
    yield lambda name: importlib.import_module(f"strange_client.{name}")
    for name in [each for each in sys.modules if each.startswith("strange_client")]:
        del sys.modules[name]


def test_names_and_texts_of_a_document_are_never_code(strange):
    """It imports and type-checks, every member is read under its name, and comes back."""
    image = strange("models.image").Image
    body = {"imageId": "i", **dict.fromkeys(NAMES), "source": "s", "cls": 7.5, "é": "x", "extra": 1}
    value = image.from_dict(body)
    assert (value.source, value.cls) == ("s", 7.5)
    assert value.extra["extra"] == 1
    assert image.from_dict(value.to_dict()) == value
    assert strange("api.meta.get_openapi").operation().path == "/openapi.json"


@pytest.mark.parametrize(
    ("number", "body", "read"),
    [
        (0, "x", "x"),
        (1, 3.0, 3),
        (2, 2.5, 2.5),
        (3, False, False),
        (4, {"a": [1]}, {"a": [1]}),
        (5, 0, datetime(1970, 1, 1, tzinfo=UTC)),
        (6, [None], [None]),
        (7, [1, 2.5], (1, 2.5)),
    ],
)
def test_an_answer_of_any_kind_has_its_reader(strange, number, body, read):
    """Scalars, lists and free-form objects; one of another type is refused."""
    operation = strange(f"api.kind.list_kind_{number}").operation()
    assert operation.read(body) == read
    if number != 6:
        with pytest.raises(strange("errors").UnreadableError):
            operation.read(None)


def test_a_list_of_known_values_and_an_empty_answer(strange):
    """A new call shares the class of what it gives; 204 is None."""
    operation = strange("api.kind.list_kind_9").operation()
    assert type(operation.read([IMAGE])[0]) is strange("models.image").Image
    assert strange("api.new.delete_new_0").operation("u").read(None) is None
