"""JSON Schema (2020-12) of what each command prints with --json.

Members may be added; none goes or changes its type.
"""

import types
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import fields, has, resolve_types

from .._bulk.items import State
from ..catalog import Model, Shape, Style
from ..models import Batch, BatchSummary, Image

Schema = dict[str, Any]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_SCALARS: Final = {str: "string", int: "integer", float: "number", bool: "boolean"}


def text(*, null: bool = False) -> Schema:
    """Text, or null."""
    return {"type": ["string", "null"] if null else "string"}


def number(*, null: bool = False) -> Schema:
    """A whole number, or null."""
    return {"type": ["integer", "null"] if null else "integer"}


def members(**properties: Schema) -> Schema:
    """An object that has these members and may have more."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def array(items: Schema) -> Schema:
    """The schema of a list of `items`."""
    return {"type": "array", "items": items}


def nullable(schema: Schema) -> Schema:
    """The schema of a value that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def of_value(kind: type) -> Schema:
    """The document of a value: the names of its attributes, as `values.document` makes it."""
    resolve_types(kind)
    return members(**{each.name: _of_type(each.type) for each in fields(kind) if each.name != "submission"})


def _of_type(kind: Any) -> Schema:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        others = [each for each in inner if each is not type(None)]
        return nullable(_of_type(others[0])) if has(others[0]) else _with_null(_of_type(others[0]))
    if origin is tuple:
        return array(_of_type(inner[0]))
    if kind is datetime:
        return {"type": "string", "format": "date-time"}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object"}
    return of_value(kind) if has(kind) else {"type": _SCALARS[kind]}


def _with_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]} if "type" in schema else nullable(schema)


FAILURE: Final = members(
    code=text(), message=text(), exit_code=number(), batch_id=text(null=True), next=text(null=True)
)
ERROR: Final = {**members(error=FAILURE), "description": "What any command prints instead when it fails."}

_IMAGE: Final = members(
    image_id=text(),
    batch_id=text(null=True),
    url=text(null=True),
    model=text(null=True),
    status=text(null=True),
    credits_charged=number(null=True),
    path=text(null=True),
)
_BATCH: Final = members(batch_id=text(null=True), status=text(null=True), images=array(_IMAGE), error=nullable(FAILURE))
_GENERATION: Final = members(
    batch_id=text(null=True), status=text(null=True), images=array(_IMAGE), batches=array(_BATCH)
)
_PRICED: Final = members(requests=array({"type": "object"}), credits=number(null=True))
_PAID: Final = {"anyOf": [_GENERATION, {**_PRICED, "description": "With --dry-run."}]}


_FIGURES: Final = {
    "folder": text(),
    "is_done": {"type": "boolean"},
    "items": number(),
    "counts": members(**{state.value: number() for state in State}),
    "pictures": number(),
    "credits_charged": number(),
    "credits_reserved": number(),
    "reasons": {"type": "object", "additionalProperties": number()},
    "next": text(null=True),
}
_SKIPPED: Final = array(members(line=number(), column=number(), reason=text()))
_RATIO: Final = {"type": ["number", "null"]}
_THIS_RUN: Final = members(
    requests=number(),
    pictures=number(),
    credits=number(),
    requests_per_picture=_RATIO,
    seconds={"type": "number"},
)
_RUN: Final = members(**_FIGURES, run=_THIS_RUN, metadata=text(null=True), results=text(null=True))
_BEGUN: Final = members(**_RUN["properties"], added=number(), known=number(), repeated=number(), skipped=_SKIPPED)
_OUTCOME: Final = {
    **members(
        number=number(),
        name=text(null=True),
        request={"type": "object"},
        carried={"type": "object"},
        batch_id=text(null=True),
        image_ids=array(text()),
        paths=array(text()),
        credits=number(),
        error=nullable(FAILURE),
    ),
    "description": "With --jsonl, a line for each outcome.",
}
_ESTIMATE: Final = {
    **members(
        pictures=number(),
        new=number(),
        known=number(),
        waiting=number(),
        repeated=number(),
        skipped=_SKIPPED,
        credits=number(),
        unpriced=number(),
        most_credits=number(null=True),
        requests=number(),
        seconds=number(null=True),
        bytes=number(),
        free_bytes=number(null=True),
    ),
    "description": "With --dry-run.",
}
_CANDIDATE: Final = members(batch_id=text(), created_at=text(null=True), status=text(null=True))
_UNDECIDED: Final = members(
    number=number(), name=text(null=True), request={"type": "object"}, sent_at=text(), candidates=array(_CANDIDATE)
)


def result_of(command: str) -> Schema | None:
    """What a command prints when it succeeds; None for one that prints no document."""
    made = _RESULTS.get(command)
    return made if made is None or isinstance(made, dict) else made()


def schema_of(command: str) -> Schema | None:
    """What a command prints, errors included."""
    result = result_of(command)
    if result is None:
        return None
    return {"$schema": _DIALECT, "title": f"pixola --json {command}", "anyOf": [result, ERROR]}


def _or_one(kind: type) -> Schema:
    one = of_value(kind)
    return {"anyOf": [array(one), {**one, "description": "With an argument."}]}


_RESULTS: Final[dict[str, Schema | Callable[[], Schema]]] = {
    "generate": _PAID,
    "submit": _PAID,
    "rerun": _PAID,
    "wait": _GENERATION,
    "download": members(
        images=array(members(image_id=text(), batch_id=text(null=True), path=text())), errors=array(FAILURE)
    ),
    "pending": array(members(submission_id=text(), submitted_at=text(), request={"type": "object"})),
    "reconcile": members(
        submissions=array(
            members(submission_id=text(), batch_id=text(null=True), status=text(null=True), error=nullable(FAILURE))
        )
    ),
    "models": lambda: _or_one(Model),
    "styles": lambda: _or_one(Style),
    "shapes": lambda: _or_one(Shape),
    "batches": lambda: {
        "anyOf": [array(of_value(BatchSummary)), {**of_value(Batch), "description": "With an argument."}]
    },
    "images": lambda: _or_one(Image),
    "credits": members(
        balance=number(),
        plan=text(null=True),
        spent_today=number(null=True),
        spent_today_here=number(null=True),
        requests=nullable(
            members(
                minute_left=number(),
                minute_limit=number(),
                day_left=number(),
                day_limit=number(),
                paused_until=text(null=True),
            )
        ),
    ),
    "call": {"description": "What the service answers, or without an operation a list of them."},
    "login": members(service=text(), stored_in=text(), balance=number(null=True)),
    "logout": members(service=text(), forgotten={"type": "boolean"}),
    "completion": members(path=text()),
    "doctor": members(
        is_healthy={"type": "boolean"},
        checks=array(members(name=text(), status={"enum": ["ok", "warning", "failed", "info"]}, detail=text())),
    ),
    "sandbox": members(url=text(), api_key=text()),
    "bulk run": {"anyOf": [_BEGUN, _OUTCOME, _ESTIMATE]},
    "bulk resume": {"anyOf": [_RUN, _OUTCOME]},
    "bulk status": members(**_FIGURES),
    "bulk retry": {"anyOf": [_RUN, _OUTCOME]},
    "bulk resolve": {
        "anyOf": [
            array(_UNDECIDED),
            {
                **members(number=number(), state=text(), batch_id=text(null=True)),
                "description": "With an argument.",
            },
        ]
    },
    "bulk cancel": members(folder=text(), cancelled=number()),
    "bulk export": array(members(file_name=text(), prompt=text(), image_id=text(), batch_id=text())),
    "spec": members(path=text()),
}
