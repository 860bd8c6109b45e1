"""`pixola logout`."""

from .. import exits
from ..options import command as declare
from ..session import session


@declare("logout", examples="pixola logout")
def command() -> int:
    """Forget the API key that pixola login has kept for the service of --base-url."""
    from ..credentials import forget_key

    here = session()
    found = forget_key(here.service)
    here.result({"service": here.service, "forgotten": found}, ["the key is forgotten" if found else "no key was kept"])
    return exits.DONE
