"""Boluses with a known truth: the delivery over time, and the pump's log of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from custom_components.tconnectsync.tandem.event_types import RawEvent

from .pump_days import PumpDay, at

SECONDS_PER_UNIT = 29
COUNTDOWN = 15
REPORT_INTERVAL = 300
MORNING = at("06:00:00")


class Cut(StrEnum):
    """The reason why a bolus was not delivered completely."""

    NOTHING = "nothing"
    CANCELLED = "cancelled in the countdown, without a word"
    REJECTED = "rejected"
    BY_HAND = "stopped by hand"
    SUSPENDED = "suspended"
    SHUT_DOWN = "shut down"
    SHELVED = "shelf mode"
    RESTARTED = "off, and on again later"
    OCCLUDED = "occlusion"


STOPS = (Cut.SUSPENDED, Cut.SHUT_DOWN, Cut.SHELVED, Cut.RESTARTED, Cut.OCCLUDED)
"""Cuts that the log reports by their own event."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A requested bolus (mU, minutes, g), and the seconds after which it is cut."""

    bolus_id: int
    now: int
    later: int
    minutes: int
    carbs: int
    cut: Cut
    after: int

    @property
    def never_starts(self) -> bool:
        """Whether nothing of it is delivered."""
        return self.cut in (Cut.CANCELLED, Cut.REJECTED)

    @property
    def now_seconds(self) -> int:
        """Seconds that the immediate part takes."""
        return round(self.now * SECONDS_PER_UNIT / 1000)

    @property
    def seconds(self) -> int:
        """Seconds that the complete bolus takes if nothing cuts it."""
        return 60 * self.minutes if self.later else self.now_seconds

    @property
    def lasts(self) -> int:
        """Duration of the bolus."""
        if self.never_starts:
            return 0
        return (
            self.seconds if self.cut is Cut.NOTHING else min(self.after, self.seconds)
        )

    @property
    def in_a_beat(self) -> float:
        """Insulin of five more minutes after the cut (U), which no log rules out."""
        return (
            sum(self._whole(self.lasts + REPORT_INTERVAL)) / 1000
            - sum(self._whole(self.lasts)) / 1000
        )

    def given(self, second: int) -> tuple[int, int]:
        """Return the delivered amount of both parts some seconds after the start (mU)."""
        return self._whole(min(second, self.lasts)) if self.lasts else (0, 0)

    def _whole(self, second: int) -> tuple[int, int]:
        second = max(0, min(second, self.seconds))
        if second < self.now_seconds:
            return second * self.now // self.now_seconds, 0
        span = self.seconds - self.now_seconds
        later = (second - self.now_seconds) * self.later // span if self.later else 0
        return self.now, later


@dataclass
class BolusLife:
    """A pump's day of boluses; the truth is in U and UTC."""

    log: PumpDay = field(default_factory=PumpDay)
    second: int = 0
    orders: list[tuple[datetime, Order]] = field(default_factory=list)
    """Each order with the instant at which it starts, or would have started."""

    @property
    def raws(self) -> list[RawEvent]:
        """All logged events."""
        return self.log.raws

    def delivered(self, until: datetime) -> float:
        """Return the amount truly delivered by an instant (U)."""
        return (
            sum(
                sum(order.given(round((until - start).total_seconds())))
                for start, order in self.orders
            )
            / 1000
        )

    @property
    def clock(self) -> str:
        """The time on the pump's clock."""
        shown = MORNING + timedelta(seconds=self.second)
        return shown.replace(tzinfo=None).isoformat()

    def live(self, seconds: int) -> None:
        """Let time pass and log an event every five minutes."""
        end = self.second + seconds
        while self.second + REPORT_INTERVAL <= end:
            self.second += REPORT_INTERVAL
            self.log.seen(self.clock)
        self.second = end

    def give(self, order: Order) -> None:
        """Request a bolus and run until it is over."""
        log, units = self.log, (order.now + order.later) / 1000
        option = 1 if order.later else 0
        percent = round(100 * order.now / (order.now + order.later))
        log.ask(
            self.clock,
            order.bolus_id,
            units,
            carbs=order.carbs,
            kind=1,
            option=option,
            percent=percent,
            minutes=order.minutes if order.later else 0,
        )
        if order.cut is Cut.REJECTED:
            self._end(order, 5)
        self.second += COUNTDOWN
        self.orders.append((MORNING + timedelta(seconds=self.second), order))
        if not order.never_starts:
            self._deliver(order)

    def _deliver(self, order: Order) -> None:
        log, begin = self.log, self.second
        log.start(
            self.clock,
            order.bolus_id,
            order.now / 1000,
            order.later / 1000,
            minutes=order.minutes if order.later else 0,
        )
        split = order.now_seconds if order.now and order.later else 0
        for second in sorted(
            {split, *range(REPORT_INTERVAL, order.lasts, REPORT_INTERVAL)}
        ):
            self.second = begin + second
            if second and second == split and split <= order.lasts:
                self._end(order, 3)
                log.start_extended(self.clock, order.bolus_id, order.later / 1000)
            elif second % REPORT_INTERVAL == 0 and second:
                self._progress(order, second)
        self.second = begin + order.lasts
        if order.lasts == order.seconds:
            self._end(order, 3, done=True)
        elif order.cut is Cut.BY_HAND:
            self._end(order, 0, done=True)
        else:
            self._stop(order)

    def _progress(self, order: Order, second: int) -> None:
        self.log.summary(
            self.clock,
            order.bolus_id,
            order.now / 1000,
            order.later / 1000,
            minutes=order.minutes if order.later else 0,
            delivered=sum(order.given(second)) / 1000,
            done=False,
        )

    def _end(self, order: Order, status: int, *, done: bool = False) -> None:
        """Log the end of the running part, after the summary, as pumps do."""
        now, later = order.given(order.lasts if done else order.now_seconds)
        if order.never_starts:
            now = later = 0
        if done:
            self.log.summary(
                self.clock,
                order.bolus_id,
                order.now / 1000,
                order.later / 1000,
                minutes=order.minutes if order.later else 0,
                delivered=(now + later) / 1000,
            )
        extended = bool(order.later) and (
            not order.now or (done and order.lasts >= order.now_seconds)
        )
        self.log.end(
            self.clock,
            order.bolus_id,
            (later if extended else now) / 1000,
            asked=(order.later if extended else order.now) / 1000,
            status=status,
            extended=extended,
        )

    def _stop(self, order: Order) -> None:
        """Cut a bolus by stopping all delivery; its end follows in the log."""
        log = self.log
        stops: dict[Cut, Callable[[], Any]] = {
            Cut.SUSPENDED: lambda: log.suspend(self.clock),
            Cut.SHUT_DOWN: lambda: log.rate_change(self.clock, 0.0, 6),
            Cut.SHELVED: lambda: log.write(self.clock, 53),
            Cut.RESTARTED: lambda: log.seen(self.clock),
            Cut.OCCLUDED: lambda: log.alarm(self.clock, 2),
        }
        stops[order.cut]()
        self._end(order, 1, done=True)
        if order.cut is Cut.RESTARTED:
            self.second += 40 * 60
            log.write(self.clock, 99)


def _orders(*cuts: Cut) -> st.SearchStrategy[Order]:
    amount = st.just(0) | st.integers(50, 12_000)
    amounts = st.tuples(amount, amount, st.integers(30, 240)).filter(
        lambda parts: parts[0] + parts[1] > 0
    )
    return st.builds(
        lambda bolus_id, parts, carbs, cut, after: Order(
            bolus_id=bolus_id,
            now=parts[0],
            later=parts[1],
            minutes=parts[2],
            carbs=carbs,
            cut=cut,
            after=after,
        ),
        st.integers(1, 3),
        amounts,
        st.sampled_from([0, 0, 20, 45]),
        st.sampled_from(cuts),
        st.integers(1, 9_000),
    )


@st.composite
def bolus_lives(draw: st.DrawFn, *cuts: Cut) -> BolusLife:
    """Draw a day of a few boluses with any of these cuts; ids may repeat."""
    life = BolusLife()
    for order in draw(st.lists(_orders(*(cuts or tuple(Cut))), min_size=1, max_size=3)):
        life.live(draw(st.integers(900, 4_000)))
        life.give(order)
    life.live(draw(st.integers(0, 12_000)))
    return life
