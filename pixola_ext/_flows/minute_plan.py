"""How many looks and submissions a minute of a bulk run has, and what a look has to be worth: arithmetic, no clock.

How many looks a minute may have follows from what the limits leave. With `n` submissions left, at most 30 requests a
minute and `d` left of the day: the n take W minutes, each has room for 30 - n / W looks, and (d - n) / W of them can be
afforded. Example: 100 submissions on a fresh day take 4 minutes, so 25 a minute leave 5 looks; 985 take 33 minutes, and
the 15 requests that are left make a look every two minutes and a half. Without an end in sight, a fiftieth of the day
is spent on looks.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from attrs import define, field

from .._budget.limits import LIMITS, Budget
from .look_plan import Cohort, LookPlan

LOOK_PRICE: Final = 6.0  # picture-seconds of waiting that one request is always worth
PAGE: Final = 75  # pictures of a look: a page of a list holds a hundred, with those still in the making
MINUTE: Final = LIMITS.minute_span
FEW: Final = 8  # submissions more or less that leave a plan as it is
_MOST_LOOKS: Final = 5.0  # a minute: more hardly find anything sooner
_LEAST_LOOKS: Final = 3.0  # a minute, where the day can afford them
_LAST_LOOKS: Final = 8  # that are kept for the end of a run ...
_RESERVE_SHARE: Final = 4  # ... if the day can spare so many times as many; else this part of what it can spare
_LOOK_SHARE: Final = 1 / 50  # of the requests of a day, for a run without an end in sight
_KEPT: Final = 3  # requests of the day that submissions leave for what cannot be foreseen


class Outstanding(NamedTuple):
    """What is still to come: how many submissions are `left`, and whether the run, or its day, `is_over`."""

    left: int
    is_over: bool


@define(eq=False)
class MinutePlan:
    """The minute that submissions and looks are planned for. Instants are monotonic seconds.

    It begins `at` an instant, and `planned_looks` are kept free in it. `sent` are the submissions of the last minute.
    """

    frugal: bool = False
    at: float = -math.inf
    planned_looks: int = 0
    sent: deque[float] = field(factory=deque)
    _looks_left: float = 0.0
    _last_looks: int = 0  # that are kept for the end of the run
    _looked_at: deque[float] = field(factory=partial(deque, maxlen=LIMITS.minute.count))
    _known_price: float = LOOK_PRICE
    _priced_for: tuple[Any, ...] = ()

    @property
    def ends_at(self) -> float:
        """When the next minute can begin."""
        return self.at + MINUTE

    def forget(self, now: float) -> None:
        """Forget the submissions that are older than a minute."""
        while self.sent and self.sent[0] <= now - MINUTE:
            self.sent.popleft()

    def looks(self, now: float) -> None:
        """A look is made."""
        self._looked_at.append(now)
        self._looks_left -= 1.0

    def begin(self, now: float, budget: Budget, left: int) -> None:
        """Plan the looks of the minute that begins; what was not spent is saved for the next minutes."""
        self.at = now
        if budget.day.left - left >= _RESERVE_SHARE * _LAST_LOOKS:
            self._last_looks = _LAST_LOOKS
        self._looks_left = min(max(self._looks_left, 0.0), 1.0) + self._looks_a_minute(budget, left)
        self.planned_looks = math.floor(self._looks_left)

    def has_room(self, budget: Budget, sending: int) -> bool:
        """Whether one more submission leaves room for the looks, beside those that are being sent."""
        return len(self.sent) + sending < budget.minute.limit - self.planned_looks

    def price(
        self,
        plan: LookPlan,
        now: float,
        budget: Budget,
        outstanding: Outstanding,
        as_new: Callable[[int], Sequence[Cohort]],
    ) -> float:
        """The picture-seconds for which a look is made; infinity if this minute has none left.

        `plan` is of what is in flight; `as_new` gives so many submissions of the same kinds, made at 0.
        """
        left = self.ends_at - now
        if outstanding.is_over:
            made = sum(at >= self.at for at in self._looked_at)
            room = budget.minute.limit - len(self.sent) - made if left > 0.0 else budget.minute.limit
            looks = min(max(budget.day.left - 1, 1), 2 * _MOST_LOOKS, room)
            if looks < 1.0:
                return math.inf
            if looks == room == 1 and budget.day.left > _KEPT:  # the only one until the minute is over
                return plan.price_of_one(self.ends_at)
            return max(plan.price(looks, max(left, MINUTE / 2)), LOOK_PRICE)
        # With one look more, a submission would have to wait for a day.
        is_starving = 0 <= budget.day.left - outstanding.left <= _KEPT
        if self._looks_left < 1.0 or is_starving:
            return math.inf
        state = (plan.since, self.at, len(self.sent) // FEW)
        if state != self._priced_for:
            self._priced_for = state
            self._known_price = self._usual_price(self._looks_a_minute(budget, outstanding.left), as_new)
        return self._known_price

    def _usual_price(self, looks: float, as_new: Callable[[int], Sequence[Cohort]]) -> float:
        """The price of a look while submissions go on: that of the looks of a minute, for its submissions."""
        submissions = max(len(self.sent), 1)
        # The pictures of one minute end at once, or those of many minutes side by side, evenly.
        price = LookPlan(as_new(submissions), 0.0).price(looks)
        return max(min(price, MINUTE * submissions / (2.0 * looks * looks)), LOOK_PRICE)

    def _looks_a_minute(self, budget: Budget, left: int) -> float:
        """How many looks a minute the limits leave while there is something to submit."""
        day = budget.day.left
        minute = budget.minute.limit
        if self.frugal:
            return minute / PAGE
        if left > day:  # not today
            return minute * _LOOK_SHARE
        minutes = max(math.ceil(left / (minute - _LEAST_LOOKS)), 1)
        room = minute - (left + LIMITS.polling_share) / minutes  # the last minute gets fewer
        spare = day - left
        reserve = min(self._last_looks or spare / _RESERVE_SHARE, spare)
        afforded = (spare - reserve) / (left / minute) if left else _MOST_LOOKS
        return max(min(room, afforded, _MOST_LOOKS), minute / PAGE)
