"""`pixola call`: any call of the document that this version was generated from."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from .. import exits
from ..options import command as declare
from ..options import near
from ..session import Session, session


@declare(
    "call",
    examples="""
    pixola --sandbox call
    pixola --sandbox call list_batches --param limit=5
    pixola --sandbox call get_model --param model=flux-2
    pixola --sandbox call create_generation --json '{"prompt": "A fox in the snow"}'
    """,
)
@click.argument("operation", required=False)
@click.option("-p", "--param", "params", metavar="NAME=VALUE", multiple=True, help="A parameter; may be repeated.")
@click.option("--json", "body", metavar="BODY", help="The body: JSON, @FILE, or - for stdin.")
def command(operation: str | None, params: tuple[str, ...], body: str | None) -> int:
    """Make any call of the API and print its answer as JSON; without OPERATION, list them all.

    Calls that change something are never repeated when their answer is lost. For pictures, pixola generate does more.
    """
    from ..._api.directory import operation_names, operation_of

    here = session()
    here.json = here.json or operation is not None
    if operation is None:
        return _list(here)
    name = operation.replace("-", "_")
    if name not in operation_names():
        similar = near(name, operation_names())
        hint = f" Did you mean {' or '.join(similar)}?" if similar else ""
        raise click.UsageError(f"No such operation {operation!r}.{hint}")
    made = operation_of(name, dict(_pair(each) for each in params), _body(body))
    if made.needs_key:
        here.require_key()
    with here.asking(f"calling {name}") as px:
        answer = px.call(made)
    here.document(_raw(answer))
    return exits.DONE


def _raw(answer: Any) -> Any:
    """The answer by the API's names."""
    if isinstance(answer, list | tuple):
        return [_raw(each) for each in answer]
    return answer.to_dict() if hasattr(answer, "to_dict") else answer


def _list(here: Session) -> int:
    from ..._api.directory import described, operation_names
    from ..tables import Column

    found = [
        {
            "operation": each.name,
            "params": [parameter.name for parameter in each.parameters if not parameter.is_body],
            "has_body": any(parameter.is_body for parameter in each.parameters),
            "summary": each.summary,
        }
        for each in map(described, operation_names())
    ]
    columns = [
        Column("OPERATION", "operation"),
        Column("PARAMETERS", "params"),
        Column("BODY", "has_body"),
        Column("WHAT IT DOES", "summary"),
    ]
    here.listing(found, columns, ids=[str(each["operation"]) for each in found])
    return exits.DONE


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--param takes NAME=VALUE, not {text!r}.")
    return name, value


def _text_of(given: str) -> str:
    """What stands for a body: `-` for stdin, `@FILE` for a file, anything else for itself."""
    if given == "-":
        return "" if sys.stdin is None else sys.stdin.read()
    return Path(given[1:]).read_text("utf-8") if given.startswith("@") else given


def _body(given: str | None) -> Any:
    if given is None:
        return None
    try:
        content = _text_of(given)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise click.UsageError(f"--json: cannot read {given} ({reason}).") from error
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"--json: not JSON ({error}).") from error
