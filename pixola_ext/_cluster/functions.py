"""The user's function on pictures: found, checked, and called in a process of its own that may be ended at any time."""

import base64
import importlib
import json
import pickle
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from .._display import printable
from ..errors import ConfigurationError

Columns = Mapping[str, Any]
Function = Callable[[str, Mapping[str, Any]], "Columns | None"]

ERROR: Final = "map_error"  # the column that says why there are no others
LONGEST_REASON: Final = 500  # characters
_LONGEST_COLUMNS: Final = 100_000  # characters of one picture, as JSON


def found(name: str) -> Function:
    """The function `module:function`; raises `ConfigurationError` if there is none."""
    module_name, _, attributes = name.partition(":")
    if not module_name or not attributes:
        raise ConfigurationError(f"map: expected module:function, not {printable(name, 80)!r}", setting="map")
    try:
        function: Any = importlib.import_module(module_name)
        for attribute in attributes.split("."):
            function = getattr(function, attribute)
    except Exception as error:  # whatever the module does when it is imported
        raise ConfigurationError(f"map: {name} cannot be imported: {reason_of(error)}", setting="map") from error
    if not callable(function):
        raise ConfigurationError(f"map: {name} is not callable", setting="map")
    return function  # type: ignore[no-any-return]


def reason_of(error: BaseException) -> str:
    """An error in one line."""
    return printable(f"{type(error).__name__}: {error}", LONGEST_REASON)


def checked_columns(given: Any) -> Columns:
    """What a function returned, as columns; raises `TypeError` or `ValueError` if JSON cannot hold it."""
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise TypeError(f"expected a mapping of columns, not {type(given).__name__}")
    text = json.dumps(dict(given), allow_nan=False, default=_plain)
    if len(text) > _LONGEST_COLUMNS:
        raise ValueError(f"expected columns of at most {_LONGEST_COLUMNS:,} characters, found {len(text):,}")
    columns: Columns = json.loads(text)
    return columns


def _plain(value: Any) -> Any:
    """A number or an array of numpy and the like as Python's own."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a column holds {type(value).__name__}, which JSON cannot hold")


def serve() -> None:
    """Answer each line of stdin with one of stdout: the loop of the process in which the function runs.

    The first line names the function. What the function prints goes to stderr. The process ends with its stdin, also
    in the middle of a call, so that none outlives the worker.
    """
    import os  # noqa: PLC0415  (with threading: only this process needs them)
    import threading  # noqa: PLC0415
    from queue import SimpleQueue  # noqa: PLC0415

    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    lines: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    order = json.loads(lines.get())
    function: Function | None = None
    while True:
        given = json.loads(lines.get())
        try:
            if function is None:
                function = _ordered(order)
            answer: dict[str, Any] = {"columns": checked_columns(function(given["picture"], given["row"]))}
        except (Exception, SystemExit) as error:  # noqa: BLE001  (whatever the user's function raises is its outcome)
            answer = {"error": reason_of(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _ordered(order: Mapping[str, Any]) -> Function:
    if order["pickled"] is None:
        return found(order["name"])
    function: Function = pickle.loads(base64.b64decode(order["pickled"]))  # noqa: S301  (of the caller's own process)
    return function


if __name__ == "__main__":
    serve()
