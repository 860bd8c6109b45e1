"""`pixola spec`: the OpenAPI document that this version was generated from."""

import os
from pathlib import Path

import click

from ..._spec import spec_bytes
from .. import exits
from ..options import command as declare
from ..session import session


@declare(
    "spec",
    examples="""
    pixola spec --output openapi.json
    pixola spec
    """,
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there; an existing file is replaced.  [default: stdout]",
)
def command(output: Path | None) -> int:
    """Print the OpenAPI document of the API, byte for byte as this version was generated from it.

    For Postman, Insomnia and generators of clients in other languages. It needs no key and no network.
    """
    here = session()
    if output is None:
        here.output.data(spec_bytes())
        return exits.DONE
    try:
        output.write_bytes(spec_bytes())
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise click.BadParameter(f"{output} cannot be written ({reason})", param_hint="--output") from error
    here.result({"path": str(output)}, [str(output)])
    return exits.DONE
