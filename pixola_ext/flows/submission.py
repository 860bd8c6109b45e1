"""Submitting a generation, which costs credits and has no idempotency key: never twice by our own choice."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from .._operations import Call
from ..errors import (
    BadRequestError,
    ConnectError,
    RequestError,
    ServerError,
    SubmissionUnknownError,
    UnexpectedResponseError,
)
from ..models import Batch
from . import Flow, Today
from .catalog import KnownSlugs
from .request import Policy, request

_MOST_SUGGESTIONS: Final = 3


def submit(call: Call[Batch], policy: Policy, known: KnownSlugs) -> Flow[Batch]:
    """Send `POST /generate` once.

    | What happened                                            | What follows                             |
    |----------------------------------------------------------|------------------------------------------|
    | accepted                                                 | the batch                                |
    | never delivered, 429                                     | repeated, paced (`request`)              |
    | any other 4xx                                            | raised: it was refused                   |
    | no answer, broken off, 5xx, an answer that is unreadable | `SubmissionUnknownError`; not sent again |
    """
    submission = dict(call.body or {})
    submitted_at = yield from Today()
    try:
        return (yield from request(call, policy))
    except ConnectError:
        raise
    except BadRequestError as error:
        error.suggestions = suggestions(submission, known)
        raise
    except (RequestError, ServerError, UnexpectedResponseError) as error:
        raise SubmissionUnknownError(
            f"the submission may have been accepted and was not sent again ({error})",
            request=submission,
            submitted_at=submitted_at,
        ) from error


def suggestions(submission: Mapping[str, str], known: KnownSlugs) -> tuple[str, ...]:
    """Slugs of the catalog that are close to one in `submission` which the catalog does not have."""
    for member, slugs in known.items():
        wanted = submission.get(member)
        if wanted is not None and wanted not in slugs:
            return tuple(get_close_matches(wanted, sorted(slugs), n=_MOST_SUGGESTIONS))
    return ()
