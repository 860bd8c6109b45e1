"""`pixola login`."""

import os
import sys

import click

from .. import exits
from ..options import command as declare
from ..refusal import RefusedError
from ..session import Session, session
from ..streams import is_terminal


@declare(
    "login",
    examples="""
    echo "$PIXOLA_API_KEY" | pixola login --no-check
    """,
)
@click.option("--no-check", is_flag=True, help="Keep the key without asking the service whether it works.")
def command(*, no_check: bool) -> int:
    """Keep an API key for this command, from --api-key-file, stdin or a prompt that does not show it.

    It goes to the keyring of the system with pixola-ext[keyring], else to a file that only you can read, and to no
    other service than the one of --base-url. PIXOLA_API_KEY has precedence.
    """
    from ..._defaults import KEYS_PAGE
    from ...settings import Settings
    from ..credentials import store_key

    here = session()
    if here.sandbox:
        raise click.UsageError("The sandbox needs no key.")
    key = here.given_key() or _asked(f"API key, from {KEYS_PAGE}")
    Settings.resolve(key, here.base_url)  # what no key can be is refused here
    balance = None if no_check else _balance(here, key)
    where = store_key(here.service, key)
    here.result({"service": here.service, "stored_in": where, "balance": balance}, [f"the key is kept in {where}"])
    if os.environ.get("PIXOLA_API_KEY"):
        here.say("pixola: PIXOLA_API_KEY is set and has precedence over this key")
    return exits.DONE


def _asked(question: str) -> str:
    if is_terminal(sys.stdin) and is_terminal(sys.stderr):
        return str(click.prompt(question, hide_input=True, err=True)).strip()
    from ..credentials import read_key

    return read_key("-")


def _balance(here: Session, key: str) -> int:
    from ...client import Pixola
    from ...errors import UnauthorizedError

    try:
        with here.activity("asking the service"), Pixola(key, here.base_url) as px:
            return px.credits().balance
    except UnauthorizedError as error:
        raise RefusedError(
            f"the service does not accept this key ({error}); it was not kept", code="unauthorized", exit_code=exits.KEY
        ) from error
