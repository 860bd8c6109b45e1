"""Both clients are the same: names, parameters, defaults and documentation."""

import inspect
import re

import pytest

import pixola_ext
from pixola_ext import _aresources, _resources, aclient, client

PAIRS = [
    (client.Pixola, aclient.AsyncPixola),
    (_resources.Catalog, _aresources.AsyncCatalog),
    (_resources.History, _aresources.AsyncHistory),
    (_resources.Pages, _aresources.AsyncPages),
    (_resources.Items, _aresources.AsyncItems),
    (_resources.Batches, _aresources.AsyncBatches),
    (_resources.Images, _aresources.AsyncImages),
]
RENAMED = {
    "close": "aclose",
    "__enter__": "__aenter__",
    "__exit__": "__aexit__",
    "__iter__": "__aiter__",
    "__next__": "__anext__",
}


def public(kind):
    named = {
        name: member
        for name, member in vars(kind).items()
        if not name.startswith("_") or name in ("__init__", *RENAMED, *RENAMED.values())
    }
    return {
        name: inspect.unwrap(getattr(member, "__func__", getattr(member, "fget", member)))
        for name, member in named.items()
    }


OUTCOMES = "Generator[Outcome, None, None]"


def plain(text: str) -> str:
    """Annotations and documentation without what must differ."""
    text = re.sub(r"Async(Pixola|Catalog|History|Pages|Items|Batches|Images|Client|BaseTransport)", r"\1", text)
    text = text.replace(" | AsyncIterable[GivenRequest]", "").replace("AsyncGenerator[Outcome, None]", OUTCOMES)
    return text.replace("pixola_ext.aclient.", "pixola_ext.client.").replace(
        "pixola_ext._aresources.", "pixola_ext._resources."
    )


@pytest.mark.parametrize(("blocking", "awaited"), PAIRS, ids=lambda kind: kind.__name__)
def test_the_faces_have_the_same_methods(blocking, awaited):
    """Nothing is in one and not in the other."""
    assert {RENAMED.get(name, name) for name in public(blocking)} == set(public(awaited))


METHODS = [(pair, name) for pair in PAIRS for name in public(pair[0])]


@pytest.mark.parametrize(
    ("pair", "name"), METHODS, ids=lambda value: value if isinstance(value, str) else value[0].__name__
)
def test_a_method_has_the_same_parameters_and_documentation(pair, name):
    """Names, order, kinds, defaults, annotations, docstrings."""
    first, second = public(pair[0])[name], public(pair[1])[RENAMED.get(name, name)]
    assert plain(str(inspect.signature(second))) == plain(str(inspect.signature(first)))
    assert plain(second.__doc__ or "") == (first.__doc__ or "")
    assert name.startswith("__") or first.__doc__


def test_every_public_class_is_documented():
    """Each class of either face says what it is."""
    for kind in (kind for pair in PAIRS for kind in pair):
        assert kind.__doc__


def test_every_public_name_is_there():
    """Names are imported when they are asked for, and only those of `__all__`."""
    for name in pixola_ext.__all__:
        assert getattr(pixola_ext, name) is not None
    assert set(pixola_ext.__all__) <= set(dir(pixola_ext))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        pixola_ext.nothing  # noqa: B018
