"""What is to be generated: the options of the commands that pay, checked against the catalog and priced."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from .._defaults import DEFAULT_TEMPLATE
from . import exits
from .options import Decorator, all_of, near
from .refusal import RefusedError
from .session import command_line

if TYPE_CHECKING:
    from ..client import Pixola
    from ..models import GenerationRequest
    from .session import Session

_LONGEST_PROMPT: Final = 1_000_000  # characters read from stdin: no service takes more
ASK_ABOVE: Final = 100  # credits, unless PIXOLA_ASK_ABOVE says otherwise
_MOST_UNPRICED: Final = 10  # requests of a model that the service chooses, which go without asking
_MOST_COPIES: Final = 100

FIELDS_HELP: Final = "{date} {time} {model} {style} {shape} {quality} {slug} {image_id} {batch_id} {index}"


def slug_completion(kind: str) -> Any:
    """Completes a slug of the catalog, as far as it was listed before."""

    def complete(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        from .catalogs import Catalogs
        from .session import Session

        entries = Catalogs(Session().service).cached(kind) or []
        return [each["slug"] for each in entries if each["slug"].startswith(incomplete)]

    return complete


def model_options(*, from_file: bool = False) -> Decorator:
    """What a request consists of beside its prompt; `from_file` is for what a picture's file tells."""

    def default(value: str) -> str:
        return f"  [default: {'as in the file' if from_file else value}]"

    return all_of(
        click.option(
            "-m",
            "--model",
            "models",
            metavar="SLUG",
            multiple=True,
            shell_complete=slug_completion("model"),
            help="Model, such as flux-2; may be repeated." + default("the service's"),
        ),
        click.option(
            "-s",
            "--style",
            metavar="SLUG",
            shell_complete=slug_completion("style"),
            help="Style preset, such as watercolor." + default("no-style"),
        ),
        click.option(
            "--shape",
            metavar="SLUG",
            shell_complete=slug_completion("shape"),
            help="Aspect ratio, such as landscape-wide." + default("square"),
        ),
        click.option(
            "--quality", type=click.Choice(["standard", "hd"]), help="HD uses more credits." + default("standard")
        ),
        click.option("--hd", is_flag=True, help="The same as --quality hd."),
    )


SPENDING_OPTIONS: Final = all_of(
    click.option(
        "-n",
        "--number",
        "copies",
        type=click.IntRange(1, _MOST_COPIES),
        default=1,
        metavar="N",
        help="How often, with each model.  [default: 1]",
    ),
    click.option("--max-credits", type=click.IntRange(0), metavar="N", help="Refuse to spend more than this in all."),
    click.option(
        "-y",
        "--yes",
        is_flag=True,
        help=f"Do not ask before spending more than {ASK_ABOVE} credits.  [env: PIXOLA_ASK_ABOVE sets how many]",
    ),
    click.option("--dry-run", is_flag=True, help="Check everything, print what it would cost, and spend nothing."),
)


def destination_options(default: str = "this folder") -> Decorator:
    """Where pictures go and under which names; `default` says what happens without --output."""
    return all_of(
        click.option(
            "-o",
            "--output",
            default=".",
            metavar="PATH",
            help=f"Folder, or file ending in .png, .jpg, ...; may be a URL (s3://bucket/folder); - is stdout."
            f"  [default: {default}]",
        ),
        click.option(
            "--template",
            metavar="NAME",
            help=f"File name in a folder, made of {FIELDS_HELP}.  [default: {DEFAULT_TEMPLATE}]",
        ),
        click.option("--no-metadata", is_flag=True, help="Do not write into the files how they came about."),
        click.option("--force", is_flag=True, help="Overwrite files; else a taken name gets -2, -3, ..."),
    )


TIMEOUT_OPTION: Final = click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Longest wait.  [default: 900]"
)


def prompt_of(words: Sequence[str]) -> str:
    """The prompt: the words with spaces between them, or what stdin holds for `-`."""
    if list(words) == ["-"]:
        try:
            text = sys.stdin.read(_LONGEST_PROMPT) if sys.stdin is not None else ""
        except (OSError, ValueError) as error:
            raise click.UsageError(f"The prompt on stdin cannot be read: {getattr(error, 'reason', error)}.") from error
        prompt = text.strip()
    else:
        prompt = " ".join(words)
    if not prompt.strip():
        raise click.UsageError("The prompt must not be empty.")
    return prompt


def requests_of(
    prompt: str, models: Sequence[str], copies: int, *, quality: str | None, hd: bool, **options: Any
) -> "list[GenerationRequest]":
    """A request for each picture, those of one model beside each other."""
    from .._api.operations import generation_request

    if hd and quality == "standard":
        raise click.UsageError("--hd and --quality standard contradict each other.")
    quality = "hd" if hd else quality
    wanted: Sequence[str | None] = list(dict.fromkeys(models)) or [None]
    return [
        generation_request(prompt, model=model, quality=quality, **options) for model in wanted for _ in range(copies)
    ]


class Spending:
    """How many credits may be spent, and whether that has to be asked."""

    def __init__(self, max_credits: int | None, *, yes: bool) -> None:
        self._most = max_credits
        self._yes = yes

    def check(self, here: "Session", count: int, price: int | None) -> None:
        """Refuse a price above what is allowed; ask above what goes without asking, and refuse if nobody agrees."""
        if self._most is not None and price is None:
            raise click.UsageError("--max-credits needs --model, for the service chooses a model of any price.")
        if self._most is not None and price is not None and price > self._most:
            raise _refused(f"this would cost {price} credits, and --max-credits allows {self._most}")
        threshold = _threshold()
        goes = count <= _MOST_UNPRICED if price is None else price <= threshold
        if self._yes or goes:
            return
        cost = "an unknown number of credits" if price is None else f"{price} credits"
        if here.confirm(f"{count} request{'s' * (count > 1)} for {cost}. Go on?"):
            return
        limit = f" for more than {_MOST_UNPRICED} requests" if price is None else f", more than {threshold}"
        raise _refused(f"this would cost {cost}{limit}", command_line([*here.words, "--yes"]))


def _refused(reason: str, following: str | None = None) -> RefusedError:
    return RefusedError(f"{reason}; nothing was paid", code="credit_limit", exit_code=exits.CREDITS, next=following)


def _threshold() -> int:
    text = os.environ.get("PIXOLA_ASK_ABOVE", "")
    if not text:
        return ASK_ABOVE
    if not text.isascii() or not text.isdigit():
        raise click.UsageError("PIXOLA_ASK_ABOVE must be a whole number of credits.")
    return int(text)


def check_slugs(here: "Session", px: "Pixola", requests: "Sequence[GenerationRequest]") -> None:
    """Refuse slugs that the service does not have; if it does not say, it may judge for itself."""
    from ..errors import PixolaError

    catalogs = here.catalogs()
    for kind in ("model", "style", "shape"):
        given = list(dict.fromkeys(slug for each in requests if (slug := getattr(each, kind))))
        try:
            unknown = catalogs.unknown(kind, given, px) if given else []
            known = [each["slug"] for each in catalogs.entries(kind, px)] if unknown else []
        except PixolaError:
            return
        if unknown:
            similar = near(unknown[0], known)
            hint = f" (did you mean {', '.join(similar)}?)" if similar else ""
            raise RefusedError(
                f"{kind}: there is no {unknown[0]!r}{hint}; nothing was paid",
                code="unknown_slug",
                exit_code=exits.USAGE,
                next=here.next(f"{kind}s") or f"pixola --sandbox {kind}s",
            )


def price_of(here: "Session", px: "Pixola", requests: "Sequence[GenerationRequest]") -> int | None:
    """What the requests cost at most, in credits, if all make one picture; None if the catalog does not say."""
    from ..errors import PixolaError

    if any(each.model is None for each in requests):
        return None
    try:
        entries = {each["slug"]: each.get("pricing") or {} for each in here.catalogs().entries("model", px)}
    except PixolaError:
        return None
    prices = [entries.get(each.model or "", {}).get(each.quality or "standard") for each in requests]
    return None if any(not isinstance(price, int) for price in prices) else sum(price for price in prices if price)
