"""The three catalogs as commands: one entry by its slug, or those that fit what is asked for."""

from collections.abc import Callable, Sequence
from typing import Any

from . import exits
from .options import near
from .refusal import RefusedError
from .session import Session
from .streams import draws
from .tables import Column, details

Document = dict[str, Any]


def show_catalog(
    here: Session,
    kind: str,
    slug: str | None,
    columns: Sequence[Column],
    members: Sequence[Column],
    *,
    refresh: bool,
    fits: Callable[[Document], bool],
    order: Callable[[Document], Any] | None = None,
    word: tuple[str, str, str | None] | None = None,
) -> int:
    """Print the entry with this slug, or the entries that fit.

    `word` is an option that takes one of the words in a member: its name, the member and what was given.
    """
    import sys

    with here.asking(f"reading the {kind}s") as px:
        entries = here.catalogs(refresh=refresh).entries(kind, px)
    if slug is not None:
        entry = next((each for each in entries if slug in (each["slug"], each.get("alias"))), None)
        if entry is None:
            raise _unknown(here, kind, slug, entries)
        here.result(entry, [entry["slug"]], text=details(entry, members, drawn=draws(sys.stdout)))
        return exits.DONE
    if word is not None:
        _check_word(*word, entries)
    found = [each for each in entries if fits(each)]
    if order is not None:
        found.sort(key=order)
    here.listing(found, columns, ids=[each["slug"] for each in found])
    return exits.DONE


def _check_word(option: str, member: str, given: str | None, entries: Sequence[Document]) -> None:
    """Refuse a word that no entry has, and say which there are."""
    values = [each.get(member) or () for each in entries]
    known = {str(text) for value in values for text in ((value,) if isinstance(value, str) else value)}
    if given is not None and known and given.casefold() not in {text.casefold() for text in known}:
        raise RefusedError(
            f"{option}: there is no {given!r}; there are {', '.join(sorted(known))}",
            code="usage",
            exit_code=exits.USAGE,
        )


def _unknown(here: Session, kind: str, slug: str, entries: Sequence[Document]) -> RefusedError:
    similar = near(slug, [each["slug"] for each in entries])
    hint = f" (did you mean {', '.join(similar)}?)" if similar else ""
    following = here.next(f"{kind}s", similar[0]) if similar else here.next(f"{kind}s")
    return RefusedError(f"{kind}: there is no {slug!r}{hint}", code="not_found", next=following)


def has_text(document: Document, text: str | None, members: Sequence[str]) -> bool:
    """Whether every word of the text is somewhere in these members."""
    if not text:
        return True
    words = " ".join(str(document.get(member) or "") for member in members).casefold()
    return all(word in words for word in text.casefold().split())
