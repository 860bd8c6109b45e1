"""The tree of errors: complete, picklable, and derived from the API reference where that says anything."""

import concurrent.futures
import copy
import inspect
import json
import multiprocessing
import pickle
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tblib.pickling_support
from celery import Celery
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
    errors.ClusterError("x"),
    errors.DownloadError.of(
        {"im_2": errors.DownloadError("x", url="u", status=403), "im_3": errors.NotFoundError("y", status=404)},
        [Path("im_1.png")],
    ),
]
BY_CLASS = pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)


def every_class():
    return {found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, PixolaError)}


def test_there_is_an_example_of_every_class():
    """The tests below leave none out, and all are public."""
    assert {type(example) for example in EXAMPLES} == every_class()
    assert {found.__name__ for found in every_class()} <= set(pixola_ext.__all__)


def told(error):
    """Everything that can be read from an error, and from the errors in it."""
    members = {name: getattr(error, name, None) for name in error._members}
    if isinstance(error, errors.DownloadError):
        members["failures"] = {image_id: told(failure) for image_id, failure in error.failures.items()}
    return type(error), str(error), error.args, members


@BY_CLASS
def test_an_error_survives_pickling_and_copying_whole(error):
    """Across processes nothing that a user needs is lost, nor what was added."""
    error = copy.copy(error)
    error.batch_id = "bt_7"
    error.add_note("seen by the caller")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert told(again) == told(error)
        assert again.__notes__ == ["seen by the caller"]


@BY_CLASS
def test_an_error_is_made_again_of_its_args(error):
    """Also of what JSON makes of them; what the wait adds afterwards is among them."""
    error = copy.copy(error)
    error.batch_id = "bt_7"
    assert told(type(error)(*error.args)) == told(error)
    assert told(type(error)(*json.loads(json.dumps(error.args)))) == told(error)
    assert error.args[0] in str(error)
    assert error.args[1]["batch_id"] == "bt_7"


@BY_CLASS
def test_an_error_can_be_made_of_its_text_alone(error):
    """As programs do that know no more of it; its text is the first of its args, and can be changed like any other."""
    again = type(error)("only this")
    assert (again.args, "only this" in str(again), again.batch_id) == (("only this",), True, None)
    again.args = ("that",)
    assert "that" in str(again)


def test_members_of_other_versions_are_left_out():
    """An error that a newer version stored can still be read; a wrong name in a program is a mistake."""
    again = errors.WaitTimeoutError("x", {"batch_id": "bt_1", "timeout": 3.0, "colour": "red"})
    assert (again.batch_id, again.timeout) == ("bt_1", 3.0)
    stored = {"failures": {"im_1": {"class": "LaterError", "args": ["z"]}, "im_2": {"class": "Path", "args": ["z"]}}}
    failures = errors.DownloadError("x", stored).failures
    assert [type(each) for each in failures.values()] == [PixolaError, PixolaError]
    assert errors.PixolaError("x", "not a mapping").args == ("x",)
    with pytest.raises(TypeError, match="WaitTimeoutError has no colour"):
        errors.WaitTimeoutError("x", colour="red")


def raising(number):
    raise EXAMPLES[number]


def test_errors_come_back_from_other_processes():
    """As they were raised there."""
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, spawn) as pool:
        futures = [pool.submit(raising, number) for number in range(len(EXAMPLES))]
        for future, error in zip(futures, EXAMPLES, strict=True):
            assert told(future.exception()) == told(error)


@BY_CLASS
def test_a_traceback_goes_along_where_tblib_is_used(error):
    """An error pickles with its traceback and cause, as pytest-xdist, Dask and others ask for."""
    try:
        raise copy.copy(error) from ValueError("cause")
    except PixolaError as caught:
        tblib.pickling_support.install(caught)
        again = pickle.loads(pickle.dumps(caught))
    assert told(again) == told(error)
    assert isinstance(again.__cause__, ValueError)
    assert traceback.extract_tb(again.__traceback__)[0].name == sys._getframe().f_code.co_name


@BY_CLASS
@pytest.mark.parametrize("serializer", ["json", "pickle"])
def test_celery_gives_back_the_error_of_a_task(error, serializer):
    """With its class and all its members, by the default serialisation of results and by pickle."""
    app = Celery(backend="cache+memory://", set_as_current=False)
    app.conf.update(result_serializer=serializer, accept_content=[serializer], result_accept_content=[serializer])
    task = f"{type(error).__name__}-{serializer}"
    app.backend.mark_as_failure(task, error)
    assert told(app.AsyncResult(task).result) == told(error)


@BY_CLASS
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
