"""The user's function on pictures: whatever it does is the outcome of one picture, and never of the worker."""

import os
import threading

import pytest

from pixola_ext._bulk.items import State
from pixola_ext._bulk.opening import open_ledger
from pixola_ext._bulk.results import write_metadata, write_results
from pixola_ext._cluster.beginning import map_function
from pixola_ext._cluster.functions import found
from pixola_ext._cluster.mapping import FunctionProcess, end_processes, map_item, unmapped
from pixola_ext._cluster.orders import MapFunction, Order
from pixola_ext.errors import ConfigurationError
from tests.bulk import functions_on_pictures
from tests.bulk.runs import NOW, batch, made, submitted

MODULE = functions_on_pictures.__name__
ROW = {"prompt": "a fox", "page": "12"}


@pytest.fixture
def process_of():
    """Makes the process of a function of `functions_on_pictures`, with a time limit."""
    processes = []

    def make(name, timeout=60.0):
        processes.append(FunctionProcess(MapFunction(f"{MODULE}:{name}", timeout)))
        return processes[-1]

    yield make
    for process in processes:
        process.close()


def test_a_function_gives_columns(process_of, tmp_path):
    """Numbers of numpy become plain ones, and what the function prints is no answer."""
    picture = tmp_path / "fox.png"
    picture.write_bytes(b"123")
    assert process_of("measured").call(str(picture), ROW) == {"bytes": 3, "prompt": "A FOX", "page": "12"}
    assert process_of("nothing").call(str(picture), ROW) == {}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("raises", "ValueError: no face"),
        ("crashes", "the process of the function ended with exit code 7"),
        ("leaves", "SystemExit: 3"),
        ("wrong", "TypeError: expected a mapping of columns, not list"),
        ("unspeakable", "ValueError: Out of range float values are not JSON compliant"),
        ("not_there", "ConfigurationError: map: "),
    ],
)
def test_a_function_that_fails_says_why(process_of, name, reason):
    """In the only column that it has then; the next picture is tried again."""
    process = process_of(name)
    for _ in range(2):
        columns = process.call("fox.png", ROW)
        assert list(columns) == ["map_error"]
        assert columns["map_error"].startswith(reason)


def test_a_function_that_hangs_is_ended(process_of):
    """After its time limit; the next picture has a new process."""
    process = process_of("hangs", timeout=0.5)
    assert process.call("fox.png", ROW) == {"map_error": "took longer than 0.5 s"}
    assert process.call("hen.png", ROW) == {"map_error": "took longer than 0.5 s"}


def test_a_function_keeps_its_process_and_has_no_key(process_of, monkeypatch):
    """A model is loaded once; the key of the account is none of its business."""
    monkeypatch.setenv("PIXOLA_API_KEY", "pxk_test_0123456789")
    process = process_of("identity")
    first = process.call("fox.png", ROW)
    assert first["key"] is None
    assert first["process"] != os.getpid()
    assert process.call("hen.png", ROW) == first


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no_colon", "expected module:function"),
        (":function", "expected module:function"),
        ("no_such_module_here:function", "cannot be imported: ModuleNotFoundError"),
        (f"{MODULE}:no_such_function", "cannot be imported: AttributeError"),
        (f"{MODULE}:not_callable", "is not callable"),
    ],
)
def test_a_function_that_is_not_there_is_refused(name, reason):
    """By its name, before anything is sent."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        map_function(name)
    assert caught.value.setting == "map"
    with pytest.raises(ConfigurationError):
        found(name)


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
def test_a_time_limit_is_a_number_of_seconds(timeout):
    """Above zero, and finite."""
    with pytest.raises(ConfigurationError, match="map_timeout"):
        map_function(f"{MODULE}:measured", timeout)


def test_a_function_without_a_name_is_sent_whole(process_of):
    """As one of a notebook is; one that cannot be is refused."""
    word = "seen"
    process = FunctionProcess(map_function(lambda picture, row: {word: picture}))
    try:
        assert process.call("fox.png", ROW) == {"seen": "fox.png"}
    finally:
        process.close()
    lock = threading.Lock()
    with pytest.raises(ConfigurationError, match="cannot be sent"):
        map_function(lambda picture, row: lock)
    with pytest.raises(ConfigurationError, match="expected a function"):
        map_function(3)


# -- the items of a run ------------------------------------------------------------------------------------------------


@pytest.fixture
def fetched(tmp_path):
    """A folder whose ledger has one item with two saved pictures."""
    ledger = open_ledger(tmp_path)
    ledger.add(made(1, page="12"))
    (item,) = submitted(ledger, "me")
    settled = ledger.settle(item, batch("b1", images=2), NOW)
    files = {"b1-0": "0.png", "b1-1": "1.png"}
    for name in files.values():
        (tmp_path / name).write_bytes(name.encode())
    assert ledger.fetched(settled, files).state is State.FETCHED
    yield tmp_path, ledger
    ledger.close()


def order(folder, name, timeout=60.0):
    """An order to call a function."""
    function = MapFunction(f"{MODULE}:{name}", timeout)
    return Order("topic", str(folder), str(folder), "http://127.0.0.1:1", 900.0, function=function)


def test_columns_go_to_the_results(fetched):
    """Named `map_`, beside what was asked for and carried, for each picture; what was done is not done again."""
    folder, ledger = fetched
    assert map_item(order(folder, "measured"), 1) == 0
    end_processes("topic")
    (item,) = ledger.items()
    assert unmapped(item, str(folder)) == []
    assert item.mapped["b1-1"] == {"bytes": 5, "prompt": "PICTURE 0", "page": "12"}
    assert '"map_bytes": 5, "map_prompt": "PICTURE 0"' in write_metadata(ledger.items, folder).read_text()
    rows = write_results(ledger.items, folder).read_text().splitlines()
    assert rows[0].endswith(",page,map_bytes,map_prompt,map_page")
    assert [row.endswith(",12,5,PICTURE 0,12") for row in rows[1:]] == [True, True]


def test_what_failed_is_called_again(fetched):
    """The reason stands in the results until it succeeds; the picture stays what it is."""
    folder, ledger = fetched
    assert map_item(order(folder, "raises"), 1) == 2
    end_processes("topic")
    assert "map_error" in write_results(ledger.items, folder).read_text()
    assert ledger.totals().counts == {State.FETCHED: 1}
    assert map_item(order(folder, "measured"), 1) == 0
    end_processes("topic")
    assert "map_error" not in write_results(ledger.items, folder).read_text()


def test_only_what_is_saved_has_a_result(ledger):
    """An item that is not done, or not there, keeps nothing."""
    ledger.add(made(1))
    assert ledger.mapped(1, {"b1-0": {"x": 1}}) is None
    assert ledger.mapped(2, {}) is None
