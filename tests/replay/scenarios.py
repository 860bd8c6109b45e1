"""What is recorded and replayed: each scenario is played by a client and asserts what it sees, both times.

They assert what holds for any service that keeps to its document, so that the live one can be recorded too.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from pixola_ext import BadRequestError, PixolaError, SubmissionUnknownError
from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.world import Submission
from tests.replay.documented import CALLS, KNOWN, PROMPT, Refusal, refusals

KEY: Final = "pxk_recording_0123456789"
_PAGE: Final = 2  # items
_LISTED: Final = 5  # items: three pages, the last one cut
_MAGIC: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")


def catalog(px: Any, _folder: Path) -> None:
    """The three lists, and one entry of each."""
    models, styles, shapes = px.models.list(), px.styles.list(), px.shapes.list()
    assert all(model.pricing.hd >= model.pricing.standard for model in models)
    assert all(style.category for style in styles)
    for listing, entries, slug in (
        (px.models, models, "flux-2"),
        (px.styles, styles, "watercolor"),
        (px.shapes, shapes, "landscape-wide"),
    ):
        (listed,) = [entry for entry in entries if entry.slug == slug]
        single = listing.get(slug)
        assert (single.slug, single.name) == (slug, listed.name)
    assert px.shapes.get("square").aspect_ratio == "1:1"


def generate(px: Any, folder: Path) -> None:
    """From a prompt to a picture on disk, paid with the cheapest model."""
    before = px.credits().balance
    model = min(px.models.list(), key=lambda model: (model.pricing.standard, model.slug))
    seen: list[str] = []
    batch = px.generate(
        PROMPT,
        model=model.slug,
        style="watercolor",
        shape="landscape-wide",
        quality="standard",
        on_update=lambda batch: seen.append(batch.status),
    )
    assert seen[-1] == batch.status == "complete"
    paths = px.save(batch, folder)
    assert len(paths) == len(batch.images) > 0
    assert all(path.read_bytes().startswith(_MAGIC) for path in paths)
    charged = sum(image.credits_charged for image in batch.images)
    assert charged == model.pricing.standard * len(batch.images)
    assert px.credits().balance == before - charged
    assert px.images.get(batch.images[0].image_id).prompt == PROMPT


def history(px: Any, _folder: Path) -> None:
    """Batches and images, page by page and one by one."""
    pages = list(px.batches.list(limit=_LISTED, page_size=_PAGE).pages())
    assert [len(page.items) for page in pages] == [2, 2, 1], "recording needs an account with five batches"
    batches = [batch for page in pages for batch in page.items]
    assert [batch.created_at for batch in batches] == sorted((batch.created_at for batch in batches), reverse=True)
    images = list(px.images.list(limit=_LISTED, page_size=_PAGE))
    assert len({image.image_id for image in images}) == _LISTED
    newest = px.batches.get(images[0].batch_id)
    same = list(px.images.list(batch_id=newest.batch_id))
    assert sorted(image.image_id for image in same) == sorted(image.image_id for image in newest.images)
    image = px.images.get(images[0].image_id)
    assert (image.batch_id, image.model) == (newest.batch_id, images[0].model)


def unknown_model(px: Any, _folder: Path) -> None:
    """A slug that the service refuses in its own words, with those of the catalog that are near to it."""
    px.models.list()
    with pytest.raises(BadRequestError, match="model") as caught:
        px.submit(PROMPT, model="flux-22")
    assert "flux-2" in caught.value.suggestions


def answer_lost(px: Any, _folder: Path) -> None:
    """A submission that is accepted but answered by an error is found again, and not sent again."""
    batch = px.submit(PROMPT)
    assert [summary.batch_id for summary in px.batches.list()] == [batch.batch_id]
    assert [px.images.get(image.image_id).prompt for image in px.batches.get(batch.batch_id).images] == [PROMPT]


def paced(px: Any, _folder: Path) -> None:
    """A 429 is waited for as long as it says, and the call succeeds."""
    assert px.credits().balance >= 0


def _refused(refusal: Refusal, named: Mapping[str, str]) -> Callable[[Any, Path], None]:
    def play(px: Any, _folder: Path) -> None:
        once = px.with_options(max_retries=0)
        for operation in refusal.operations:
            with pytest.raises(PixolaError) as caught:
                CALLS[operation](once, {**KNOWN, **named})
            error: Any = caught.value
            if isinstance(error, SubmissionUnknownError):  # what it could not find out, because of this
                error = error.__cause__
            assert (error.status, error.code) == (refusal.status, refusal.code), operation
            assert (error.retry_after is not None) == (refusal.status == 429)

    return play


def _some_batches(sandbox: Sandbox) -> None:
    account = sandbox.world.accounts[KEY]
    for number in range(_LISTED):
        sandbox.world.submit(account, Submission(f"{PROMPT}, {number}", "flux-2", "no-style", "square", "standard"))


def _used_up(sandbox: Sandbox) -> None:
    limits = sandbox.world.accounts[KEY].limits
    while limits.admit(sandbox.clock.now()) == 0:
        pass


def _fault(name: str, **conditions: Any) -> Callable[[Sandbox], None]:
    return lambda sandbox: sandbox.faults.add(name, **conditions) and None


@attrs.frozen
class Scenario:
    """A scenario, the key it is played with, and the sandbox it is recorded from.

    `not_live` says why it cannot be recorded from the live service.
    """

    name: str
    play: Callable[[Any, Path], None]
    not_live: str | None = None
    key: str = KEY
    options: dict[str, Any] = attrs.field(factory=dict)
    prepare: Callable[[Sandbox], None] = lambda _sandbox: None


@attrs.frozen
class _Provoked:
    """How an error is brought about: by what is asked for, by whom, or by a sandbox in some state."""

    not_live: str | None = None
    named: Mapping[str, str] = attrs.field(factory=dict)
    scenario: Mapping[str, Any] = attrs.field(factory=dict)


_PROVOKED: Final = {
    "bad_request": _Provoked("the client never sends what is wrong", scenario={"prepare": _fault("bad-request")}),
    "unauthorized": _Provoked(scenario={"key": "pxk_of_nobody"}),
    "not_found": _Provoked(named={"model": "of-nobody", "style": "of-nobody", "shape": "of-nobody"}),
    "content_flagged": _Provoked("moderation may let it pass, and it is paid", named={"prompt": "a scene of gore"}),
    "insufficient_credits": _Provoked("it takes an exhausted account", scenario={"options": {"credits": 0}}),
    "rate_limited": _Provoked(
        "it takes an exhausted minute", scenario={"options": {"rate_limits": True}, "prepare": _used_up}
    ),
    "internal_error": _Provoked("it takes a failing service", scenario={"prepare": _fault("internal-error")}),
}


def _refusal(refusal: Refusal) -> Scenario:
    provoked = _PROVOKED[refusal.code]
    play = _refused(refusal, provoked.named)
    return Scenario(f"{refusal.status}_{refusal.code}", play, provoked.not_live, **provoked.scenario)


SCENARIOS: Final = (
    Scenario("catalog", catalog),
    Scenario("generate", generate, options={"latency": 0.25}),
    Scenario("history", history, prepare=_some_batches),
    Scenario("unknown_model", unknown_model),
    Scenario(
        "answer_lost",
        answer_lost,
        "it takes a failing service",
        prepare=_fault("internal-error-after", path="*/generate", times=1),
    ),
    Scenario("paced", paced, "it takes an exhausted minute", prepare=_fault("rate-limited", times=1)),
    *map(_refusal, refusals()),
)
