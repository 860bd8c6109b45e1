from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import field as _field
from attrs import frozen

from ..reading import NO_EXTRA, Extra, identity, integer, member, opened, text, unknown

_NAMES: Final = frozenset({"balance", "plan"})


@frozen(slots=False)
class CreditBalance:
    """Credits and plan of the account."""

    balance: int
    """Credits left."""
    plan: str | None = None
    """The current subscription plan."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "CreditBalance")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _balance = data.get("balance")
        if type(_balance) is not int:
            _balance = identity(integer, _balance, "balance")
        _plan = data.get("plan")
        if type(_plan) is not str and _plan is not None:
            _plan = member(text, _plan, "plan", extra)
        return cls(_balance, _plan, Extra(extra) if extra else NO_EXTRA)

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "balance": self.balance,
            "plan": self.plan,
            **self.extra,
        }
