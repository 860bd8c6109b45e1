"""Breaking changes as users meet them: the same change at several places once, with all names that it concerns."""

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen
from comparing.changes import Change

from .concerns import TAKEN, concerns, is_taken

_MOST: Final = 3  # places that are named


@frozen
class Loss:
    """One breaking change at all its places; `taken` says why the client goes on as before, empty if it may not."""

    places: tuple[str, ...]
    what: str
    names: tuple[str, ...]
    taken: str = ""

    def __str__(self) -> str:
        more = len(self.places) - _MOST
        where = ", ".join(self.places[:_MOST]) + (f" and {more} more places" if more > 0 else "")
        names = ", ".join(f"`{name}`" for name in self.names)
        concern = f" This concerns {names}." if names else ""
        return f"{where}: {self.what}{concern}" + (f" The client takes it: {self.taken}." if self.taken else "")


def losses(changes: Iterable[Change]) -> list[Loss]:
    """The breaking ones among the changes, first those that the client does not take."""
    found: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        if change.severity == "breaking":
            member = change.where.rpartition(" ")[2].rpartition(".")[2]
            found.setdefault((change.rule, change.what, member, str(is_taken(change))), []).append(change)
    return sorted(map(_loss, found.values()), key=lambda loss: bool(loss.taken))


def _loss(changes: Sequence[Change]) -> Loss:
    names = dict.fromkeys(name for change in changes for name in concerns(change))
    taken = TAKEN[changes[0].rule] if is_taken(changes[0]) else ""
    return Loss(tuple(change.where for change in changes), changes[0].what, tuple(names), taken)
