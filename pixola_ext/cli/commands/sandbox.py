"""`pixola sandbox`: the whole API on this machine, until interrupted."""

import json
import os
import socket
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import exits
from ..options import command as declare
from ..refusal import RefusedError
from ..session import session

if TYPE_CHECKING:
    from ...sandbox import Sandbox
    from ...sandbox.server import Sockets
    from ...sandbox.store import Store

_LOCAL = "127.0.0.1"
_PORT = click.IntRange(0, 65535)
_EXTRA = "pip install 'pixola-ext[sandbox]'"


@declare(
    "sandbox",
    examples="""
    pixola sandbox
    pixola --json sandbox --port 0 --latency 0
    """,
)
@click.option("--port", type=_PORT, default=8321, show_default=True, metavar="PORT", help="0 takes any free one.")
@click.option(
    "--pictures-port",
    type=_PORT,
    default=0,
    metavar="PORT",
    help="Pictures come from a port of their own.  [default: any free one]",
)
@click.option("--host", default=_LOCAL, show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option(
    "--public-host",
    metavar="NAME",
    help="What others call this machine: accepted in requests, and used in picture URLs.  [default: --host]",
)
@click.option("--cors", multiple=True, metavar="ORIGIN", help="Let web pages of this origin in; may be repeated.")
@click.option(
    "--api-key",
    "keys",
    multiple=True,
    default=("pxk_sandbox",),
    show_default=True,
    metavar="KEY",
    help="A key that it accepts; may be repeated, and each has credits of its own.",
)
@click.option("--credits", type=int, default=1000, show_default=True, metavar="N", help="What each key starts with.")
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    metavar="N",
    help="The same seed and calls give the same answers and pictures.",
)
@click.option(
    "--latency",
    type=float,
    default=0.25,
    show_default=True,
    metavar="FACTOR",
    help="How long images take: 1 is each model's usual time, 0 is at once.",
)
@click.option(
    "--rate-limits/--no-rate-limits",
    default=True,
    help="30 requests a minute and 1,000 a day for each key.  [default: on]",
)
@click.option(
    "--url-lifetime",
    type=float,
    default=3600.0,
    show_default=True,
    metavar="SECONDS",
    help="How long an image URL works.",
)
@click.option("--caption", is_flag=True, help="Write model and style into a corner of each picture.")
@click.option(
    "--data",
    type=click.Path(file_okay=False),
    callback=lambda _context, _option, text: _folder(text),
    metavar="DIR",
    help="Keep everything in this folder, which must be new, empty or a sandbox's.  [default: in memory]",
)
def command(
    port: int,
    pictures_port: int,
    host: str,
    public_host: str | None,
    cors: tuple[str, ...],
    data: Path | None,
    **options: Any,
) -> int:
    """Run the whole API on this machine, without account or cost, until interrupted.

    The page at / shows what it is doing. Calls under /_sandbox/ steer it; see docs/sandbox.md.
    """
    try:
        import_module("PIL")  # else the first picture would fail
        from ...sandbox.endpoint import Hosts, is_local
        from ...sandbox.folder import StoreError
        from ...sandbox.messages import RefusalError
        from ...sandbox.server import Sockets, serve
    except ModuleNotFoundError as error:
        raise _failed(f"{error.name} is missing; install it with: {_EXTRA}") from error
    try:
        store = _store(data) if data is not None else None
        sockets = Sockets.bind(host, port, pictures_port, public_host=public_host)
        box = _box(sockets, store, options)
    except StoreError as error:
        raise _failed(f"{data} {error}") from error
    except RefusalError as error:
        raise _failed(error.message) from error
    except OSError as error:
        raise _failed(f"cannot listen on {host} port {port}: {_reason(error)}") from error
    if not is_local(host):
        session().say(f"pixola: {host} can be reached from other machines; anyone there can use this sandbox")
    names = (public_host,) if public_host else ()
    try:
        serve(box, sockets, ready=lambda: _ready(box), hosts=Hosts.of(host, *names), cors=cors)
    except KeyboardInterrupt:  # how it is meant to end: no error, and so no document of one
        session().say("pixola: the sandbox has ended")
        return exits.INTERRUPTED
    finally:
        sockets.close()
        if store:
            store.close()
    return exits.DONE


def _folder(text: str | None) -> Path | None:
    if text == "":  # an unset variable of a shell; `Path` would read it as the current folder
        raise click.BadParameter("an empty name is no folder")
    return None if text is None else Path(text)


def _store(folder: Path) -> "Store":
    from ...sandbox.store import Store

    try:
        return Store(folder)
    except OSError as error:
        raise click.BadParameter(f"{folder} cannot be written ({error.strerror})", param_hint="--data") from error


def _box(sockets: "Sockets", store: "Store | None", options: dict[str, Any]) -> "Sandbox":
    from ...sandbox import Sandbox
    from ...sandbox.folder import StoreError
    from ...sandbox.messages import MalformedError

    first, *more = options.pop("keys")
    try:
        return Sandbox(
            api_key=first,
            more_keys=more,
            origin=sockets.origin,
            pictures_origin=sockets.pictures_origin,
            store=store,
            **options,
        )
    except StoreError:
        sockets.close()
        raise
    except MalformedError as error:
        sockets.close()
        option = "--api-key" if error.name == "more_keys" else f"--{error.name.replace('_', '-')}"
        raise click.BadParameter(error.problem, param_hint=option) from error


def _ready(box: "Sandbox") -> None:
    document = {"url": box.base_url, "api_key": box.api_key}
    lines = [f"export PIXOLA_BASE_URL={box.base_url}", f"export PIXOLA_API_KEY={box.api_key}"]
    here = session()
    here.output.result(json.dumps(document) if here.json or here.jsonl else "\n".join(lines))
    here.say(f"pixola: the sandbox listens; {box.origin}/ shows what it does, Ctrl-C ends it")


def _failed(message: str) -> RefusedError:
    return RefusedError(message, code="sandbox")


def _reason(error: OSError) -> str:
    if error.errno is None or isinstance(error, socket.gaierror):
        return error.strerror or str(error)
    return os.strerror(error.errno)  # asyncio and socket put more words around it
