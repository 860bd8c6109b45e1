"""`pixola skill`."""

from .. import exits
from ..options import command as declare
from ..session import session


@declare("skill", examples="pixola skill > SKILL.md")
def command() -> int:
    """Print a SKILL.md that tells a coding agent how to use this command."""
    from importlib.resources import files

    here = session()
    here.output.result((files("pixola_ext.cli.commands") / "SKILL.md").read_text("utf-8").rstrip("\n"))
    return exits.DONE
