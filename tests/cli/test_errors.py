"""Every class of the error tree as the command shows it, and text of the service that would do harm."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import pytest

import pixola_ext
from pixola_ext import Batch, Pixola, errors
from pixola_ext.cli import exits
from tests.support.command import Ran
from tests.support.wire import Wire, reply

Inside = Callable[..., Ran]

_ANSWER: Final = {"method": "GET", "url": "https://pixola.test/credits"}
_BATCH: Final = Batch("bt_1", "failed")

TREE: Final[dict[type[errors.PixolaError], tuple[errors.PixolaError, int, str | None]]] = {
    type(error): (error, code, following)
    for error, code, following in (
        (errors.PixolaError("p"), exits.ERROR, None),
        (errors.ConfigurationError("timeout: wrong", setting="timeout"), exits.USAGE, None),
        (errors.RequestError("r", **_ANSWER), exits.ERROR, "pixola doctor"),
        (errors.ConnectError("r", **_ANSWER), exits.ERROR, "pixola doctor"),
        (errors.RequestTimeoutError("r", **_ANSWER), exits.ERROR, "pixola doctor"),
        (errors.APIError("m", status=418), exits.ERROR, None),
        (errors.BadRequestError("m", status=400), exits.USAGE, None),
        (errors.UnauthorizedError("m", status=401), exits.KEY, None),
        (errors.NotFoundError("m", status=404), exits.ERROR, None),
        (errors.ContentFlaggedError("m", status=409), exits.MODERATION, None),
        (errors.InsufficientCreditsError("m", status=409), exits.CREDITS, "pixola credits"),
        (errors.RateLimitedError("m", status=429, retry_after=9.0), exits.LIMITS, None),
        (errors.ServerError("m", status=503), exits.ERROR, "pixola doctor"),
        (errors.UnexpectedResponseError("m", status=200, body="", **_ANSWER), exits.ERROR, "pixola doctor"),
        (errors.GenerationError("g", batch=_BATCH), exits.ERROR, None),
        (errors.GenerationFailedError("g", batch=_BATCH), exits.ERROR, None),
        (errors.GenerationRejectedError("g", batch=_BATCH), exits.MODERATION, None),
        (
            errors.WaitTimeoutError(
                "batch bt_1 was not finished within 1 s; wait for it again", batch_id="bt_1", timeout=1
            ),
            exits.TIMED_OUT,
            "pixola wait bt_1 --output .",
        ),
        (
            errors.SubmissionUnknownError(
                "it may have been accepted; `reconcile(error)` looks again",
                request={"prompt": "a fox"},
                submitted_at=datetime(2026, 1, 1, tzinfo=UTC),
                submission_id="0123456789abcdef",
            ),
            exits.UNKNOWN,
            "pixola reconcile 0123456789abcdef",
        ),
        (
            errors.QuotaExhaustedError("q", available_at=datetime(2026, 1, 2, tzinfo=UTC)),
            exits.LIMITS,
            "pixola credits",
        ),
        (errors.CreditLimitError("c", limit=1, needed=2), exits.CREDITS, "pixola credits --no-spent --yes"),
        (errors.ClusterError("c"), exits.ERROR, None),
        (errors.DownloadError("d", url="https://pixola.test/1.png"), exits.ERROR, None),
    )
}


def test_the_table_below_has_every_class() -> None:
    """Those of the tree, and no other."""
    exported = {getattr(pixola_ext, name) for name in pixola_ext.__all__ if name.endswith("Error")}
    assert set(TREE) == exported


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_a_class_has_its_exit_code_and_way_on(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, kind: type[errors.PixolaError]
) -> None:
    """For people in at most two lines without a Python call, for programs as a document."""
    error, code, following = TREE[kind]

    def fails(_client: Pixola) -> None:
        raise error

    monkeypatch.setattr(Pixola, "credits", fails)
    people = inside("credits", "--no-spent", PIXOLA_API_KEY="pxk_abcdefgh")
    assert (people.code, people.out) == (code, "")
    assert people.err.startswith("pixola: ")
    assert people.err.count("\n") == (1 if following is None else 2)
    assert not any(python in people.err for python in ("px.", "error)", "wait for it again", "=True"))
    document = inside("--json", "credits", "--no-spent").json()["error"]
    assert (document["exit_code"], document["batch_id"]) == (code, error.batch_id)
    expected = following and following.replace("pixola credits --no", "pixola --json credits --no")
    assert document["next"] == expected
    if following:
        assert people.err.endswith(f"\n  next: {following}\n")


def test_words_for_programs_are_those_of_the_classes(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """In lower case, without `Error`; a subclass of the user's own has that of its parent."""

    class OwnError(errors.ServerError):
        """Not of this package."""

    def fails(_client: Pixola) -> None:
        raise OwnError("m", status=500)

    monkeypatch.setattr(Pixola, "credits", fails)
    ran = inside("--json", "credits", PIXOLA_API_KEY="pxk_abcdefgh")
    assert ran.json()["error"]["code"] == "server"


HOSTILE: Final = [
    "[/x]",
    "[bold red]",
    "\x1b]0;PWN\x07\x1b[2J",
    "a\rb\nc",
    "\u202egnp",
    "\x9b2J",
    "]" * 50,
    "[link=file:///]",
]


@pytest.mark.parametrize("word", HOSTILE)
@pytest.mark.parametrize("drawn", [False, True])
def test_words_of_the_service_are_never_obeyed(inside: Inside, service: Wire, word: str, drawn: bool) -> None:
    """Neither as markup nor as control characters, in tables and in messages."""
    batch = {"batchId": "bt_1", "status": word, "prompt": word, "quality": word}
    image = {"imageId": "im_1", "model": word, "status": word, "title": word, "url": "https://pixola.test/1.png"}
    settings = {"PIXOLA_BASE_URL": service.url, "PIXOLA_API_KEY": "pxk_abcdefgh", "FORCE_COLOR": "1" if drawn else ""}
    settings["NO_COLOR"] = "1"
    for words, answer in (
        (("batches",), {"batches": [batch], "nextCursor": None, "hasMore": False}),
        (("batches", "bt_1"), {**batch, "images": [image]}),
        (("images",), {"images": [image], "nextCursor": None, "hasMore": False}),
        (("images", "im_1"), image),
        (("wait", "bt_1", "--timeout", "0.01"), {**batch, "images": [image]}),
        (("models", "--refresh"), {"models": [{"slug": "m", "name": word, "bestFor": word}]}),
    ):
        service.script = lambda _heard, answer=answer: reply(answer)
        ran = inside(*words, **settings)
        assert ran.code in {exits.DONE, exits.TIMED_OUT}, ran.err
        printed = (ran.out + ran.err).replace("\x1b[1m", "").replace("\x1b[0m", "")
        assert [c for c in printed if not c.isprintable() and c not in "\n\t"] == [], words


def test_an_id_of_the_service_is_not_obeyed(inside: Inside, service: Wire) -> None:
    """It is printed without what a terminal would act on."""
    service.script = lambda _heard: reply({"batches": [{"batchId": "\x1b[2Jbt"}], "nextCursor": None, "hasMore": False})
    for words in (("batches",), ("-q", "batches")):
        ran = inside(*words, PIXOLA_BASE_URL=service.url, PIXOLA_API_KEY="pxk_abcdefgh")
        assert (ran.code, "\x1b" in ran.out) == (exits.DONE, False)
