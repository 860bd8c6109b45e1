"""The catalog lists; what they hold is remembered, so that a misspelt slug can be answered with its neighbours."""

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, TypeVar

from .._api.operations import Call
from ..models import Entries
from ..settings import Policy
from .effects import Flow
from .request import request

if TYPE_CHECKING:
    from ..catalog import Model, Shape, Style

Entry = TypeVar("Entry", bound="Model | Style | Shape")

Listed = list[Entry]
KnownSlugs = MutableMapping[str, frozenset[str]]  # by member of the submission: "model", "style", "shape"


def entries(call: Call[Listed[Entry]], policy: Policy, known: KnownSlugs, member: str) -> Flow[Entries[Entry]]:
    """One of the three lists, whole; its slugs go into `known`."""
    found = yield from request(call, policy)
    known[member] = frozenset(entry.slug for entry in found)
    return Entries(found)
