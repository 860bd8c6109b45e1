"""The operations of the API reference, from request to answer, the same for HTTP and inside the process."""

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final
from urllib.parse import unquote

from attrs import evolve

from . import catalog, parameters
from .clock import iso
from .contract import Contract, served
from .messages import Answer, RefusalError, Request, bad_request, not_found, tagged
from .pictures import Pictures
from .records import Account, Batch, Image
from .routes import PARAMETERS, route
from .rules import fate_in, looks_in
from .world import FlaggedError, TooFewCreditsError, World

_BATCHES: Final = 20  # items on a page unless `limit` is given (API reference)
_IMAGES: Final = 50

Open = Callable[[Request], Answer]
Handler = Callable[[Request, Account, str], Answer]


class Api:
    """Answers requests below `/api/v1`; those that `contract` describes and the sandbox lacks get 501.

    `rate_limits` can be changed at any time.
    """

    def __init__(
        self, world: World, pictures: Pictures, now: Callable[[], float], contract: Contract, base_url: str
    ) -> None:
        self.rate_limits = False
        self._world = world
        self._pictures = pictures
        self._now = now
        self._contract = contract
        self._base_url = base_url
        self._served = 0
        self._open: dict[str, Open] = {
            "models": lambda _request: self._lists["models"],
            "styles": lambda _request: self._lists["styles"],
            "shapes": lambda _request: self._lists["shapes"],
            "openapi.json": lambda request: tagged(request, self._document),
        }
        self._single: dict[str, Handler] = {
            "models": self._model,
            "styles": self._style,
            "shapes": self._shape,
            "batches": self._batch,
            "images": self._image,
        }
        self._keyed: dict[tuple[str, str], Handler] = {
            ("GET", "credits"): self._credits,
            ("POST", "generate"): self._generate,
            ("GET", "batches"): self._batch_page,
            ("GET", "images"): self._image_page,
        }

    def answer(self, request: Request) -> Answer:
        """The answer to a request; every error has the documented envelope."""
        self._served += 1
        try:
            answer = self._routed(request)
        except RefusalError as refusal:
            answer = refusal.answer()
        return answer.with_headers(x_request_id=f"req_{self._served:08d}")

    def _routed(self, request: Request) -> Answer:
        method, name, tail = route(request, self._contract)
        if name in self._open and tail is None:
            self._admit(self.account(request))
            return self._open[name](request)
        account = self.account(request)
        if account is None:
            raise RefusalError(401, "unauthorized", _key_problem(request), www_authenticate="Bearer")
        self._admit(account)
        if tail is not None:
            return self._single[name](request, account, _decoded(name, tail))
        return self._keyed[method, name](request, account, "")

    def account(self, request: Request) -> Account | None:
        """The account of the key that a request carries, or None."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return self._world.accounts.get(key.strip()) if scheme.lower() == "bearer" else None

    def _admit(self, account: Account | None) -> None:
        if not self.rate_limits or account is None:
            return
        delay = account.limits.admit(self._now())
        if delay > 0:
            seconds = math.ceil(delay)
            message = f"Rate limit exceeded; try again in {seconds} seconds"
            raise RefusalError(429, "rate_limited", message, retry_after=str(seconds))

    @cached_property
    def _document(self) -> Answer:
        return Answer(200, served(self._contract.document, self._base_url))

    @cached_property
    def _body_rules(self) -> parameters.BodyRules:
        return parameters.BodyRules.of(self._contract)

    @cached_property
    def _batch_bounds(self) -> parameters.PageBounds:
        return parameters.PageBounds.of(self._contract, "/batches", _BATCHES)

    @cached_property
    def _image_bounds(self) -> parameters.PageBounds:
        return parameters.PageBounds.of(self._contract, "/images", _IMAGES)

    # -- operations ---------------------------------------------------------------------------------------------------

    @cached_property
    def _lists(self) -> dict[str, Answer]:
        groups: dict[str, list[dict[str, Any]]] = {}
        for style in catalog.styles().values():
            groups.setdefault(style.category, []).append(self._style_document(style))
        return {
            "models": Answer.of({"models": [catalog.model_document(each) for each in catalog.models().values()]}),
            "styles": Answer.of({"styles": [{"category": name, "styles": each} for name, each in groups.items()]}),
            "shapes": Answer.of(
                {"shapes": [catalog.shape_document(each, full=True) for each in catalog.shapes().values()]}
            ),
        }

    def _style_document(self, style: catalog.Style) -> dict[str, Any]:
        return catalog.style_document(style, self._pictures.sample_url(style))

    def _model(self, _request: Request, _account: Account, slug: str) -> Answer:
        found = catalog.models().get(slug)
        if found is None:
            raise not_found("model")
        return Answer.of(catalog.model_document(found))

    def _style(self, _request: Request, _account: Account, slug: str) -> Answer:
        found = catalog.styles().get(slug)
        if found is None:
            raise not_found("style")
        return Answer.of(self._style_document(found))

    def _shape(self, _request: Request, _account: Account, slug: str) -> Answer:
        found = catalog.shapes().get(slug)
        if found is None:
            raise not_found("shape")
        return Answer.of(catalog.shape_document(found, full=False))

    def _credits(self, _request: Request, account: Account, _tail: str) -> Answer:
        return Answer.of({"balance": self._world.balance(account), "plan": account.plan})

    def _generate(self, request: Request, account: Account, _tail: str) -> Answer:
        wanted = parameters.submission(request, self._body_rules)
        try:
            batch = self._world.submit(account, wanted, fate_in(wanted.prompt))
        except FlaggedError as error:
            raise RefusalError(409, "content_flagged", "The prompt was flagged by moderation") from error
        except TooFewCreditsError as error:
            message = f"This generation needs {error.needed} credits; {error.left} are left"
            raise RefusalError(409, "insufficient_credits", message) from error
        return Answer.of({"batchId": batch.batch_id})

    def _batch_page(self, request: Request, account: Account, _tail: str) -> Answer:
        limit, cursor, _ = parameters.page(request, self._batch_bounds)
        found, following = self._world.batches(account, limit, cursor)
        return _page("batches", [_batch_summary(batch) for batch in found], following)

    def _image_page(self, request: Request, account: Account, _tail: str) -> Answer:
        limit, cursor, query = parameters.page(request, self._image_bounds)
        wanted = query.get("batchId")
        if wanted == "":
            raise bad_request("batchId", "must not be empty")
        found, following = self._world.images(account, limit, cursor, wanted)
        return _page("images", [self._image_summary(image) for image in found], following)

    def _batch(self, _request: Request, account: Account, batch_id: str) -> Answer:
        batch = self._world.batch(account, batch_id)
        if batch is None:
            raise not_found("batch")
        images = [self._brief(image) for image in batch.images]
        answer = Answer.of({"batchId": batch.batch_id, "status": batch.status, "images": images})
        return evolve(answer, faults=looks_in(batch.submission.prompt))

    def _image(self, _request: Request, account: Account, image_id: str) -> Answer:
        image = self._world.image(account, image_id)
        if image is None:
            raise not_found("image")
        document = self._image_summary(image) | {"prompt": image.batch.submission.prompt}
        del document["isFavorite"]
        return evolve(Answer.of(document), faults=looks_in(image.batch.submission.prompt))

    # -- documents -------------------------------------------------------------------------------------------------

    def _brief(self, image: Image) -> dict[str, Any]:
        return {
            "imageId": image.image_id,
            "url": self._pictures.url(image),
            "model": image.batch.submission.model,
            "status": image.status,
            "creditsCharged": image.charged,
        }

    def _image_summary(self, image: Image) -> dict[str, Any]:
        return {
            **self._brief(image),
            "batchId": image.batch.batch_id,
            "title": image.title,
            "createdAt": iso(image.batch.created),
            "isFavorite": image.is_favorite,
        }


def _batch_summary(batch: Batch) -> dict[str, Any]:
    return {
        "batchId": batch.batch_id,
        "status": batch.status,
        "prompt": batch.submission.prompt,
        "quality": batch.submission.quality,
        "imageCount": len(batch.images),
        "createdAt": iso(batch.created),
    }


def _page(name: str, items: list[dict[str, Any]], following: int | None) -> Answer:
    return Answer.of({name: items, "nextCursor": following, "hasMore": following is not None})


def _decoded(name: str, tail: str) -> str:
    try:
        return unquote(tail, errors="strict")
    except UnicodeDecodeError as error:
        raise bad_request(PARAMETERS[name], "is not UTF-8") from error


def _key_problem(request: Request) -> str:
    given = request.headers.get("authorization")
    return "Missing API key" if given is None else "Invalid API key"
