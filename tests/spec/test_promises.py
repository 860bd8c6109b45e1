"""openapi.json keeps what the API reference promises, however it grows; what it loses is told in public names.

To take a loss as it is, change the reference document in the same way: a decision that shows in the diff.
"""

import pytest
from comparing.documents import compare
from reporting.concerns import call_of, is_lost
from reporting.losses import losses

from pixola_ext import spec
from tests.support.reference import reference

PARTS = ("access", "calls", "requests", "answers", "errors")


def part_of(change):
    """Which part of the contract a change is in."""
    _, place = call_of(change)
    if place == "servers" or change.rule.startswith(("server", "security")):
        return "access"
    if place[:1] in ("4", "5"):
        return "errors"
    if place[:1] == "2" and " " in place:
        return "answers"
    return "requests" if place.startswith(("body", "query", "path", "header", "cookie")) else "calls"


@pytest.mark.parametrize("part", PARTS)
def test_openapi_json_keeps_what_the_reference_promises(part):
    """Of servers and keys, calls, parameters and bodies, members of answers, errors."""
    lost = [change for change in compare(reference(), spec()) if is_lost(change) and part_of(change) == part]
    assert not lost, "\n".join(map(str, losses(lost)))
