"""What is recorded and replayed: each scenario is played by a client and asserts what it sees, both times."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from pixola_ext import (
    BadRequestError,
    ContentFlaggedError,
    InsufficientCreditsError,
    NotFoundError,
    RateLimitedError,
    UnauthorizedError,
)
from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.limits import RateLimits

KEY: Final = "pxk_recording_0123456789"
PROMPT: Final = "A lighthouse above a calm sea at dusk"


def catalog(px: Any, _folder: Path) -> None:
    """The three lists, and one entry of each."""
    assert "flux-2" in [model.slug for model in px.models.list()]
    assert {style.category for style in px.styles.list()} >= {"Painting", "Illustration"}
    assert next(shape for shape in px.shapes.list() if shape.slug == "square").width == 1024
    assert px.models.get("flux-2").pricing.standard == 12
    assert px.styles.get("watercolor").alias == "aquarelle"
    assert px.shapes.get("landscape-wide").aspect_ratio == "16:9"


def generate(px: Any, folder: Path) -> None:
    """From a prompt to a picture on disk."""
    seen: list[str] = []
    batch = px.generate(
        PROMPT, model="flux-2", style="minimalism", shape="panorama", on_update=lambda batch: seen.append(batch.status)
    )
    assert seen == ["processing", "complete"]
    assert [image.credits_charged for image in batch.images] == [12]
    (path,) = px.save(batch, folder)
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (1728, 576)
    assert px.credits().balance == 988


def history(px: Any, _folder: Path) -> None:
    """Batches and images, page by page and one by one."""
    made = [px.submit(f"{PROMPT}, {number}").batch_id for number in range(3)]
    assert [batch.batch_id for batch in px.batches.list(page_size=2)] == made[::-1]
    images = list(px.images.list(page_size=2))
    assert [image.batch_id for image in images] == made[::-1]
    assert [image.image_id for image in px.images.list(batch_id=made[1])] == [images[1].image_id]
    assert px.images.get(images[0].image_id).prompt == f"{PROMPT}, 2"
    assert px.batches.get(made[0]).images[0].model == "flux-2"


def bad_request(px: Any, _folder: Path) -> None:
    """An unknown model, with its neighbours."""
    px.models.list()
    with pytest.raises(BadRequestError, match="model: unknown model 'flux-22'") as caught:
        px.submit(PROMPT, model="flux-22")
    assert "flux-2" in caught.value.suggestions


def unauthorized(px: Any, _folder: Path) -> None:
    """A key that the service does not know."""
    with pytest.raises(UnauthorizedError, match="Invalid API key"):
        px.credits()


def not_found(px: Any, _folder: Path) -> None:
    """An id that the service does not know."""
    with pytest.raises(NotFoundError, match="no such batch"):
        px.batches.get("bt_0000000000000000")


def content_flagged(px: Any, _folder: Path) -> None:
    """A prompt that moderation refuses."""
    with pytest.raises(ContentFlaggedError) as caught:
        px.submit("a scene of gore")
    assert caught.value.code == "content_flagged"


def insufficient_credits(px: Any, _folder: Path) -> None:
    """An account that cannot pay."""
    with pytest.raises(InsufficientCreditsError, match="needs 60 credits; 20 are left"):
        px.submit(PROMPT, model="gpt-image-1.5", quality="hd")


def rate_limited(px: Any, _folder: Path) -> None:
    """A second request where one a minute is allowed."""
    assert px.credits().plan == "free"
    with pytest.raises(RateLimitedError) as caught:
        px.with_options(max_retries=0).credits()
    assert caught.value.retry_after == 60


def _one_a_minute(sandbox: Sandbox) -> None:
    sandbox.world.accounts[KEY].limits = RateLimits(per_minute=1)


@attrs.frozen
class Scenario:
    """A scenario, the key it is played with, and the sandbox it is recorded from."""

    play: Callable[[Any, Path], None]
    key: str = KEY
    options: dict[str, Any] = attrs.field(factory=dict)
    prepare: Callable[[Sandbox], None] = lambda _sandbox: None

    @property
    def name(self) -> str:
        """Its name, also that of its cassette."""
        return self.play.__name__


SCENARIOS: Final = (
    Scenario(catalog),
    Scenario(generate, options={"latency": 0.25}),
    Scenario(history),
    Scenario(bad_request),
    Scenario(unauthorized, key="pxk_of_nobody"),
    Scenario(not_found),
    Scenario(content_flagged),
    Scenario(insufficient_credits, options={"credits": 20}),
    Scenario(rate_limited, options={"rate_limits": True}, prepare=_one_a_minute),
)
