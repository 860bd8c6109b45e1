"""Single additive changes of the reference document, and what a user does with each on the day it is generated.

`grow` makes the change; `new` are the names that the report of a regeneration tells; `use` is a user's program, which
runs on the package that was generated, on both clients. In it `serve(body)` gives a client whose requests are answered
with that body, and the list of requests.
"""

from typing import Any

from tests.spec.additions.answers import ANSWERS
from tests.spec.additions.calls import CALLS
from tests.spec.additions.case import Case
from tests.spec.additions.requests import REQUESTS
from tests.spec.additions.taken import TAKEN
from tests.support.reference import reference

CASES = [*ANSWERS, *REQUESTS, *CALLS, *TAKEN]


def grown(case: Case) -> dict[str, Any]:
    """The reference with one change."""
    document = reference()
    case.grow(document)
    return document


def merged() -> dict[str, Any]:
    """The reference with all of them."""
    document = reference()
    for case in CASES:
        case.grow(document)
    return document
