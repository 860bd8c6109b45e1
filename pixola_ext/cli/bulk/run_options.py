"""How a bulk run is carried out, and what of it the next run on the same ledger goes by."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import asdict, frozen

_OF_ONE_RUN: Final = ("cluster", "lanes")


@frozen
class RunOptions:
    """How a run is carried out; None is as the runs before it on the same ledger, or the default."""

    max_credits: int | None = None
    concurrency: int | None = None
    frugal: bool | None = None
    quiet_seconds: float | None = None
    timeout: float | None = None
    template: str | None = None
    metadata: bool | None = None
    lease_seconds: float | None = None
    map: str | None = None
    map_timeout: float | None = None
    cluster: str | None = None
    lanes: int | None = None

    def after(self, earlier: Mapping[str, Any]) -> "RunOptions":
        """These, and those of earlier runs where they are None."""
        return RunOptions(**{n: earlier.get(n) if value is None else value for n, value in asdict(self).items()})

    def kept(self) -> dict[str, Any]:
        """What the next run on the ledger goes by: all but the cluster, which may be another one then."""
        return asdict(self, filter=lambda attribute, _value: attribute.name not in _OF_ONE_RUN)
