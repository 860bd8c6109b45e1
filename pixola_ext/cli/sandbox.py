"""`pixola sandbox`: the whole API on this machine, until interrupted."""

import json
import os

import click

from . import exits
from .session import session

_LOCAL = "127.0.0.1"


@click.command("sandbox")
@click.option("--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="0 takes any free port.")
@click.option("--host", default=_LOCAL, show_default=True, help="Address to listen on.")
@click.option("--api-key", "key", default="pxk_sandbox", show_default=True, metavar="KEY", help="Key that it accepts.")
@click.option("--credits", "credit", type=click.IntRange(min=0), default=1000, show_default=True, help="To start with.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed and calls give the same answers.")
@click.option(
    "--latency",
    type=click.FloatRange(min=0),
    default=0.25,
    show_default=True,
    help="Factor on each model's usual time; 1 is lifelike, 0 finishes at once.",
)
@click.option("--rate-limits/--no-rate-limits", default=True, show_default=True, help="30 a minute, 1,000 a day.")
@click.option("--cors", multiple=True, metavar="ORIGIN", help="Allow pages of this origin; may be repeated.")
def command(
    port: int,
    host: str,
    key: str,
    credit: int,
    seed: int,
    latency: float,
    rate_limits: bool,  # noqa: FBT001  (click passes it by name)
    cors: tuple[str, ...],
) -> int:
    """Run the whole API on this machine, without account or cost, until interrupted."""
    from ..sandbox import Sandbox  # noqa: PLC0415  (an extra, and slow to import)
    from ..sandbox.server import Sockets, is_local, serve  # noqa: PLC0415

    here = session()
    try:
        sockets = Sockets.bind(host, port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        click.echo(f"pixola: cannot listen on {host} port {port}: {reason}", err=True)
        return exits.ERROR
    if not is_local(host):
        here.say(f"pixola: {host} can be reached from other machines; anyone there can use this sandbox")
    box = Sandbox(
        seed=seed,
        api_key=key,
        credits=credit,
        latency=latency,
        rate_limits=rate_limits,
        origin=sockets.origin,
        pictures_origin=sockets.pictures_origin,
    )

    def ready() -> None:
        document = {"url": box.base_url, "api_key": key}
        lines = [f"export PIXOLA_BASE_URL={box.base_url}", f"export PIXOLA_API_KEY={key}"]
        click.echo(json.dumps(document) if here.json else "\n".join(lines))
        here.say(f"pixola: the sandbox listens on {sockets.origin}; Ctrl-C ends it")

    try:
        serve(box, sockets, ready=ready, host=host, cors=cors)
    finally:
        sockets.close()
    return exits.DONE
