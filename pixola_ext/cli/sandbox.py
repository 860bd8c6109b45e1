"""`pixola sandbox`: the whole API on this machine, until interrupted."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import exits
from .session import session

if TYPE_CHECKING:
    from ..sandbox.store import Store

_LOCAL = "127.0.0.1"


@click.command("sandbox")
@click.option("--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="0 takes any free port.")
@click.option("--host", default=_LOCAL, show_default=True, help="Address to listen on.")
@click.option("--api-key", default="pxk_sandbox", show_default=True, metavar="KEY", help="Key that it accepts.")
@click.option("--credits", type=click.IntRange(min=0), default=1000, show_default=True, help="To start with.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed and calls give the same answers.")
@click.option(
    "--latency",
    type=click.FloatRange(min=0),
    default=0.25,
    show_default=True,
    help="Factor on each model's usual time; 1 is lifelike, 0 finishes at once.",
)
@click.option("--rate-limits/--no-rate-limits", default=True, show_default=True, help="30 a minute, 1,000 a day.")
@click.option(
    "--url-lifetime",
    type=click.FloatRange(min=0, min_open=True),
    default=3600.0,
    show_default=True,
    metavar="SECONDS",
    help="How long an image URL works.",
)
@click.option("--caption", is_flag=True, help="Write model and style into a corner of each picture.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep everything in this folder across restarts.  [default: in memory]",
)
@click.option("--cors", multiple=True, metavar="ORIGIN", help="Let pages of this origin in; may be repeated.")
def command(port: int, host: str, cors: tuple[str, ...], data: Path | None, **options: Any) -> int:
    """Run the whole API on this machine, without account or cost, until interrupted.

    The page at / shows what it is doing. Calls under /_sandbox/ steer it; see docs/sandbox.md.
    """
    from ..sandbox import Sandbox  # noqa: PLC0415  (an extra, and slow to import)
    from ..sandbox.server import Sockets, is_local, serve  # noqa: PLC0415

    here = session()
    store = _store(data) if data else None
    try:
        sockets = Sockets.bind(host, port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        click.echo(f"pixola: cannot listen on {host} port {port}: {reason}", err=True)
        return exits.ERROR
    if not is_local(host):
        here.say(f"pixola: {host} can be reached from other machines; anyone there can use this sandbox")
    box = Sandbox(origin=sockets.origin, pictures_origin=sockets.pictures_origin, store=store, **options)

    def ready() -> None:
        document = {"url": box.base_url, "api_key": box.api_key}
        lines = [f"export PIXOLA_BASE_URL={box.base_url}", f"export PIXOLA_API_KEY={box.api_key}"]
        click.echo(json.dumps(document) if here.json else "\n".join(lines))
        here.say(f"pixola: the sandbox listens; {sockets.origin}/ shows what it does, Ctrl-C ends it")

    try:
        serve(box, sockets, ready=ready, host=host, cors=cors)
    finally:
        sockets.close()
    return exits.DONE


def _store(folder: Path) -> "Store":
    from ..sandbox.store import Store  # noqa: PLC0415  (as above)

    try:
        return Store(folder)
    except OSError as error:
        raise click.BadParameter(f"{folder} cannot be written ({error.strerror})", param_hint="--data") from error
