"""What a run will cost, in credits, requests, time and disk, before anything is sent. Nothing is asked for here."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from attrs import field, frozen

from .._budget.limits import LIMITS
from ..catalog import Model, Pricing, Shape, Style
from ..models import HD, STANDARD

PAGE: Final = 100  # batches or images in one answer of the service: its `limit` at most
OTHER_REQUESTS: Final = 5  # three catalogs, the balance, and the newest batches before the first submission
STANDARD_BYTES: Final = 2_000_000  # a PNG of 1024 x 1024 pixels
HD_BYTES: Final = 4 * STANDARD_BYTES  # twice as many pixels on each side

_MOST_SUGGESTIONS: Final = 3


@frozen
class Catalog:
    """The slugs that the service has, by `model`, `style` and `shape`, and prices by model.

    A kind that is missing is not known, and any slug of it passes.
    """

    slugs: Mapping[str, Collection[str]] = field(factory=dict)
    prices: Mapping[str, Pricing] = field(factory=dict)

    @classmethod
    def of(
        cls,
        models: Iterable[Model] | None = None,
        styles: Iterable[Style] | None = None,
        shapes: Iterable[Shape] | None = None,
    ) -> "Catalog":
        """The catalog of these entries; None for a list that could not be had."""
        known_models = list(models or ())
        entries: dict[str, Iterable[Model | Style | Shape] | None] = {
            "model": None if models is None else known_models,
            "style": styles,
            "shape": shapes,
        }
        slugs = {
            kind: frozenset(each.slug for each in listed) for kind, listed in entries.items() if listed is not None
        }
        return cls(slugs, {each.slug: each.pricing for each in known_models if each.pricing is not None})

    def price(self, request: Mapping[str, Any]) -> int | None:
        """The credits for one picture; None if no model is named, or if the catalog does not say."""
        pricing = self.prices.get(request.get("model") or "")
        prices = {} if pricing is None else {STANDARD: pricing.standard, HD: pricing.hd}
        return prices.get(request.get("quality") or STANDARD)

    def ceiling(self, request: Mapping[str, Any]) -> int | None:
        """The most that one picture may cost, in credits: a model that is not named may be the dearest one.

        None if the catalog does not say.
        """
        is_hd = request.get("quality") not in (None, STANDARD)
        slug = request.get("model")
        pricings = list(self.prices.values()) if not slug else [self.prices[slug]] if slug in self.prices else []
        return max(
            (price for each in pricings if (price := each.hd if is_hd else each.standard) is not None), default=None
        )


@frozen
class UnknownSlug:
    """A slug that the service does not have, in so many requests, and the nearest ones that it has."""

    kind: str
    slug: str
    requests: int
    suggestions: tuple[str, ...]

    def __str__(self) -> str:
        hint = f" (did you mean {', '.join(self.suggestions)}?)" if self.suggestions else ""
        return f"{self.kind}: there is no {self.slug!r}{hint}"


@frozen
class Room:
    """What a key has left: requests in this minute and this day, and the seconds until the day begins anew."""

    minute: int = LIMITS.minute.count
    day: int = LIMITS.day.count
    day_frees_in: float = LIMITS.day.seconds


@frozen
class Estimate:
    """What a run will take.

    `pictures` counts one for each submission, of which `unpriced` have no known price; `credits` is the price of all
    others. `requests` are those of the API, `seconds` the time that its limits allow them in, from now. `size` is in
    bytes. `unknown` are the slugs that the service would refuse.
    """

    pictures: int
    credits: int
    unpriced: int
    requests: int
    seconds: float
    size: int
    unknown: tuple[UnknownSlug, ...]


class Estimating:
    """Sums up the requests of an input, one after the other."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._counts: Counter[tuple[bool, int | None]] = Counter()  # by whether it is HD, and by price
        self._unknown: Counter[tuple[str, str]] = Counter()

    def add(self, request: Mapping[str, Any], n: int = 1) -> None:
        """Add `n` equal requests, by the API's names."""
        self._counts[request.get("quality") == HD, self._catalog.price(request)] += n
        for kind, slugs in self._catalog.slugs.items():
            slug = request.get(kind)
            if slug and slug not in slugs:
                self._unknown[kind, slug] += n

    def estimate(self, room: Room | None = None) -> Estimate:
        """The estimate of all that was added, for a key with this room; without it, for an unused one."""
        counts = self._counts.items()
        pictures = sum(self._counts.values())
        requests = pictures + math.ceil(pictures / PAGE) + OTHER_REQUESTS
        return Estimate(
            pictures=pictures,
            credits=sum(n * price for (_, price), n in counts if price is not None),
            unpriced=sum(n for (_, price), n in counts if price is None),
            requests=requests,
            seconds=duration(requests, room or Room()),
            size=sum(n * (HD_BYTES if is_hd else STANDARD_BYTES) for (is_hd, _), n in counts),
            unknown=tuple(self._unknown_slug(kind, slug, n) for (kind, slug), n in self._unknown.items()),
        )

    def _unknown_slug(self, kind: str, slug: str, n: int) -> UnknownSlug:
        near = get_close_matches(slug.casefold(), sorted(self._catalog.slugs[kind]), _MOST_SUGGESTIONS)
        return UnknownSlug(kind, slug, n, tuple(near))


def duration(requests: int, room: Room) -> float:
    """How long so many requests take: first what is left of the minute and of the day, then at the limits' pace."""
    pace = LIMITS.minute.seconds / LIMITS.minute.count
    later = requests - room.day
    if later <= 0:
        return max(0, requests - room.minute) * pace
    days, last = divmod(later - 1, LIMITS.day.count)
    return room.day_frees_in + days * LIMITS.day.seconds + max(0, last + 1 - LIMITS.minute.count) * pace
