"""The columns of the journal of submissions, whatever database has them, and how an entry becomes a row."""

import json
from collections.abc import Sequence
from typing import Any, Final

from .._state.errors import StoreError
from .entries import Baseline, Entry

NAMES: Final = Entry._fields
_JSON: Final = ("request", "baseline")


def encoded(entry: Entry) -> dict[str, Any]:
    """The values of the columns, by name."""
    values = entry._asdict()
    return values | {name: json.dumps(values[name]) for name in _JSON if values[name]}


def decoded(row: Sequence[Any]) -> Entry:
    """The entry in a row of `NAMES`; raises `StoreError` for what nothing here has written."""
    found = dict(zip(NAMES, row, strict=True))
    request = None if found["request"] is None else _read(found["request"])
    has_prompt = isinstance(request, dict) and isinstance(request.get("prompt"), str)
    if not (
        all(isinstance(found[name], str) for name in ("entry_id", "digest", "owner"))
        and all(isinstance(found[name], float) for name in ("sent_at", "deadline_at", "closed_at"))
        and isinstance(found["unconfirmed_at"], float | None)
        and isinstance(found["batch_id"], str | None)
        and (has_prompt or found["batch_id"] is not None)
    ):
        raise StoreError("an entry is damaged")
    baseline = None if found["baseline"] is None else decoded_baseline(found["baseline"])
    return Entry(
        **{**found, "request": request, "baseline": baseline, "is_answered": bool(found["is_answered"])},
    )


def encoded_baseline(baseline: Baseline) -> str:
    """A baseline as the value of a column."""
    return json.dumps(baseline)


def decoded_baseline(text: object) -> Baseline:
    """The baseline in a column; raises `StoreError` as `decoded` does."""
    match _read(text):
        case [None | str() as batch_id, float() | int() as known_at, list() as nearby]:
            if all(isinstance(each, str) for each in nearby):
                return Baseline(batch_id, known_at, tuple(nearby))
    raise StoreError("a baseline is damaged")


def _read(text: object) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError) as error:
        raise StoreError("an entry is damaged") from error
