"""Single breaking changes, each with the names of `pixola_ext` that its report must have; and the client's answer."""

from typing import Any

import attrs

from tests.spec.change_cases import CASES, SEVERAL, changed, without

_MUTATIONS = {case[0]: case[1] for case in [*CASES, *SEVERAL]}


@attrs.frozen
class Break:
    """One breaking change and the public names that it concerns, the nearest first."""

    name: str
    concerns: tuple[str, ...]
    mutate: Any = None

    def document(self) -> dict[str, Any]:
        """The reference with the change."""
        return changed(self.mutate or _MUTATIONS[self.name])


SUBMIT = ("px.submit", "px.generate", "pixola generate")
BREAKS = [
    Break("title of an image removed", ("Image.title", "px.images.get", "px.save"), without("Image.title")),
    Break("response-member-removed", ("Image.url", "px.save", "px.open", "px.batches.get", "px.wait")),
    Break("response-type", ("Credits.balance", "px.credits")),
    Break("response-items-type", ("Model.tags", "px.models.list")),
    Break("response-member-nullable", ("Batch.batch_id", *SUBMIT)),
    Break("request-new-required", ("GenerationRequest.seed", *SUBMIT)),
    Break(
        "request-optional-to-required",
        ("GenerationRequest.model", "px.submit(model=)", "px.generate(model=)", "pixola generate"),
    ),
    Break(
        "request-enum-narrower",
        ("GenerationRequest.quality", "px.submit(quality=)", "px.generate(quality=)", "pixola generate"),
    ),
    Break("request-maximum-lower", ("px.batches.list(page_size=)",)),
    Break("parameter-removed", ("px.images.list(batch_id=)",)),
    Break("parameter-required", ("px.images.list(batch_id=)",)),
    Break("operation-removed", ("px.credits",)),
    Break("body-removed", SUBMIT),
    Break("success-removed-and-default", SUBMIT),
    Break("answer-type-removed", ("px.credits",)),
    Break("security-added", ("px.models.list", "Pixola(api_key=)", "PIXOLA_API_KEY", "exit code 4")),
    Break("server", ("Pixola(base_url=)", "PIXOLA_BASE_URL")),
]
# Breaking for clients in general; the client of this project goes on as before, and says why.
HARMLESS = [
    Break("response-enum-wider", ("Batch.status", "Batch.is_terminal", "px.wait", "px.batches.get")),
    Break("response-format-gone", ("Image.created_at", "px.images.get", "px.save")),
    Break("success-added", SUBMIT),
    Break("operation-id", ("px.credits",)),
    Break("header-removed", ("RateLimitedError.retry_after", "RateLimitedError", "exit code 7")),
    Break("webhook", ()),
]
