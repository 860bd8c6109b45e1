"""The tree of errors: complete, picklable, and derived from the API reference where that says anything."""

import copy
import inspect
import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pixola_ext
from pixola_ext import Batch, BatchSummary, PixolaError, errors
from pixola_ext._display import printable
from pixola_ext.errors import api_error_class
from tests.support.reference import reference

WHEN = datetime(2026, 3, 1, tzinfo=UTC)
EXAMPLES = [
    errors.PixolaError("x"),
    errors.ConfigurationError("x", setting="api_key"),
    errors.RequestError("x", method="GET", url="u"),
    errors.ConnectError("x", method="GET", url="u"),
    errors.RequestTimeoutError("x", method="GET", url="u"),
    *(
        kind("x", status=418, code="c", retry_after=2.0, request_id="r", method="GET", url="u")
        for kind in [errors.APIError, *errors.APIError.__subclasses__()]
    ),
    errors.UnexpectedResponseError("x", status=200, method="GET", url="u", body="b"),
    errors.GenerationError.of(Batch("bt_1")),
    errors.GenerationFailedError.of(Batch("bt_1", "failed")),
    errors.GenerationRejectedError.of(Batch("bt_1", "rejected")),
    errors.WaitTimeoutError("x", batch_id="bt_1", timeout=3.0),
    errors.SubmissionUnknownError("x", request={"prompt": "p"}, submitted_at=WHEN, candidates=[BatchSummary("bt_1")]),
    errors.QuotaExhaustedError("x", available_at=WHEN),
    errors.CreditLimitError("x", limit=1, needed=2),
    errors.DownloadError("x", url="u", status=403),
]


def every_class():
    return {found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, PixolaError)}


def test_there_is_an_example_of_every_class():
    """The tests below leave none out, and all are public."""
    assert {type(example) for example in EXAMPLES} == every_class()
    assert {found.__name__ for found in every_class()} <= set(pixola_ext.__all__)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling_and_copying_whole(error):
    """Across processes nothing that a user needs is lost."""
    error.batch_id = "bt_7"
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert (str(again), vars(again), again.args) == (str(error), vars(error), error.args)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_says_it_in_one_line(error):
    """Whatever a terminal shows fits one line."""
    assert str(error)
    assert "\n" not in str(error)


def documented_errors():
    document = reference()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    name = response["$ref"].rsplit("/", 1)[1]
                    media = document["components"]["responses"][name]["content"]["application/json"]
                    for code in media["examples"]:
                        yield method, path, int(status), code


def test_every_documented_error_has_a_class_of_its_own():
    """The table of classes is complete by the reference, and no two codes share a class."""
    found = {(status, code): api_error_class(status, code) for _, _, status, code in documented_errors()}
    assert len(found) == 7
    assert len(set(found.values())) == 7
    assert errors.APIError not in found.values()
    assert {code for _, code in found} == set(reference()["components"]["schemas"]["ErrorCode"]["enum"])


@given(status=st.integers(400, 999), code=st.none() | st.text(max_size=10))
def test_every_status_has_a_class(status, code):
    """A new code falls back to the class of its status."""
    kind = api_error_class(status, code)
    assert issubclass(kind, errors.APIError)
    assert issubclass(kind, errors.ServerError) == (status >= 500)


@given(st.text())
def test_text_of_the_server_is_made_printable(text):
    """No control character reaches a terminal, and no line is endless."""
    made = printable(text, 50)
    assert made.isprintable()
    assert len(made) <= 50


def test_a_wrong_argument_is_a_value_error_too():
    """Those who expect Python's own class find it."""
    assert issubclass(errors.ConfigurationError, ValueError)
