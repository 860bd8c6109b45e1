"""The task of a cluster that calls the user's function with the pictures of an item, and keeps the outcome.

The function runs in a process beside the worker: it may hang, use up the memory or crash, and that is the outcome of
one picture. The process is kept for the next one, since functions load models when they are first called.
"""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from .._bulk.items import Item
from .functions import ERROR, Columns
from .orders import MapFunction, Order

_idle: Final[dict[tuple[str, MapFunction], list["FunctionProcess"]]] = {}
_lock: Final = threading.Lock()


def map_item(order: Order, number: int) -> int:
    """Call the function with each picture of an item that has no result yet; how many of them failed."""
    order.check()
    function = order.function
    if function is None:
        return 0
    with closing(order.open_ledger()) as ledger:
        item = ledger.get(number)
        if item is None:
            return 0
        with _borrowed(order.topic, function) as process:
            results = {
                image_id: process.call(picture, row_of(item)) for image_id, picture in unmapped(item, order.dest)
            }
        ledger.mapped(number, results)
    return sum(ERROR in columns for columns in results.values())


def unmapped(item: Item, dest: str) -> list[tuple[str, str]]:
    """The pictures of an item for which the function was not called or has failed: image ids and places."""
    return [
        (image_id, picture_at(file, dest))
        for image_id, file in item.files.items()
        if ERROR in item.mapped.get(image_id, {ERROR: ""})
    ]


def picture_at(file: str, dest: str) -> str:
    """The path or URL of a file that the ledger has."""
    if "://" in file:
        return file
    return f"{dest.rstrip('/')}/{file}" if "://" in dest else str(Path(dest).absolute() / file)


def row_of(item: Item) -> Mapping[str, Any]:
    """What the function is told of an item: its request by the API's names, number, name, and what was carried."""
    return {**item.carried, **item.request, "number": item.number, "name": item.name}


@contextmanager
def _borrowed(topic: str, function: MapFunction) -> Iterator["FunctionProcess"]:
    """A process for the function that no other task uses meanwhile."""
    with _lock:
        idle = _idle.setdefault((topic, function), [])
        process = idle.pop() if idle else FunctionProcess(function)
    try:
        yield process
    finally:
        with _lock:
            idle.append(process)


def end_processes(topic: str) -> None:
    """End the idle processes of a run."""
    with _lock:
        ended = [process for key in list(_idle) if key[0] == topic for process in _idle.pop(key)]
    for process in ended:
        process.close()


class FunctionProcess:
    """A process in which the function is called; started with the first call, and again after one that ended it."""

    def __init__(self, function: MapFunction) -> None:
        self._function = function
        self._process: subprocess.Popen[str] | None = None

    def call(self, picture: str, row: Mapping[str, Any]) -> Columns:
        """The columns for one picture; one column `map_error` if there are none for whatever reason."""
        process = self._process or self._started()
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            process.kill()

        timer = threading.Timer(self._function.timeout, end)
        timer.start()
        try:
            answer = _asked(process, {"picture": picture, "row": row})
        finally:
            timer.cancel()
        if answer is None:
            self.close()
            if is_late.is_set():
                return {ERROR: f"took longer than {self._function.timeout:g} s"}
            return {ERROR: f"the process of the function ended with exit code {process.returncode}"}
        return {ERROR: answer["error"]} if "error" in answer else answer["columns"]

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _started(self) -> "subprocess.Popen[str]":
        environment = {name: value for name, value in os.environ.items() if name != "PIXOLA_API_KEY"}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))  # also what Dask has uploaded
        process = subprocess.Popen(  # noqa: S603  (our own module)
            [sys.executable, "-m", f"{__package__}.functions"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
        )
        pickled = self._function.pickled
        order = {
            "name": self._function.name,
            "pickled": None if pickled is None else base64.b64encode(pickled).decode("ascii"),
        }
        self._process = process
        _put(process, order)
        return process


def _asked(process: "subprocess.Popen[str]", question: Any) -> dict[str, Any] | None:
    """The answer to a question; None if the process has ended."""
    if process.stdout is None or not _put(process, question):
        return None
    line = process.stdout.readline()
    if not line.endswith("\n"):
        return None
    answer: dict[str, Any] = json.loads(line)
    return answer


def _put(process: "subprocess.Popen[str]", line: Any) -> bool:
    try:
        if process.stdin is not None:
            process.stdin.write(json.dumps(line) + "\n")
            process.stdin.flush()
    except OSError:  # it has ended
        return False
    return True
