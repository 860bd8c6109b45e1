"""An account behind a scripted socket: it accepts submissions, lists them as badly as a test wants, and counts."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs

from tests.support.wire import Heard, Reply, Script, error, reply

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@attrs.define
class Made:
    """A batch that the account paid for; it is listed from the `visible_at`-th list request on."""

    batch_id: str
    request: dict[str, str]
    created: datetime
    visible_at: int = 0
    status: str = "processing"


@attrs.define
class Account:
    """`answers` says what becomes of each submission, the last one for ever: see `accept` and its neighbours."""

    answers: list[Callable[["Account", Heard], Reply]]
    skew: timedelta = timedelta()
    page: int = 100
    default_model: str = "flux-2"
    made: list[Made] = attrs.field(factory=list)
    posts: list[dict[str, str]] = attrs.field(factory=list)
    lists: int = 0
    list_fails: Callable[[int], Reply] | None = None
    late: int = 0
    _numbers: Any = attrs.field(factory=itertools.count)

    def make(self, request: dict[str, str], *, seconds_ago: float = 0) -> Made:
        """Accept a submission, or have accepted one before."""
        number = next(self._numbers)
        created = START + self.skew + timedelta(seconds=number - seconds_ago)
        made = Made(f"bt_{number}", request, created, visible_at=self.lists + self.late + 1)
        self.made.insert(0, made)
        return made

    @property
    def script(self) -> Script:
        """What answers on the wire."""
        return self._answer

    def _answer(self, heard: Heard) -> Reply:
        parts = urlsplit(heard.target)
        if heard.method == "POST":
            self.posts.append(heard.json())
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            return answer(self, heard)
        if parts.path.endswith("/batches"):
            self.lists += 1
            failure = self.list_fails(self.lists) if self.list_fails else b""
            return self._listed(parse_qs(parts.query)) if failure == b"" else failure
        found = next((made for made in self.made if parts.path.endswith(f"/{made.batch_id}")), None)
        return error(404, "not_found") if found is None else reply(self._document(found))

    def _listed(self, query: dict[str, list[str]]) -> Reply:
        cursor = int(query.get("cursor", ["0"])[0])
        seen = [made for made in self.made if made.visible_at <= self.lists]
        shown = seen[cursor : cursor + self.page]
        more = cursor + self.page < len(seen)
        items = [
            {
                "batchId": made.batch_id,
                "status": made.status,
                "prompt": made.request["prompt"],
                "quality": made.request.get("quality", "standard"),
                "imageCount": 1,
                "createdAt": made.created.isoformat(),
            }
            for made in shown
        ]
        return reply({"batches": items, "nextCursor": cursor + self.page if more else None, "hasMore": more})

    def _document(self, made: Made) -> dict[str, Any]:
        model = made.request.get("model", self.default_model)
        image = {"imageId": f"im_{made.batch_id}", "url": None, "model": model, "status": made.status}
        return {"batchId": made.batch_id, "status": made.status, "images": [{**image, "creditsCharged": 0}]}


def accept(account: Account, heard: Heard) -> Reply:
    """As it should be."""
    return reply({"batchId": account.make(heard.json()).batch_id})


def lose(answer: Reply) -> Callable[[Account, Heard], Reply]:
    """Accepted, but this is what the client gets."""

    def accepted(account: Account, heard: Heard) -> Reply:
        account.make(heard.json())
        return answer

    return accepted


def refuse(answer: Reply) -> Callable[[Account, Heard], Reply]:
    """Not accepted, and this is what the client gets."""
    return lambda _account, _heard: answer
