"""Deliver boluses of the simulated pump: requested, started, delivered second by second, ended."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

from .bolus_messages import Ending, Messages, Order
from .event_log import EventLog
from .insulin import InsulinOnBoard
from .timeline import Appointment, Timeline

PREPARING = 15
SECONDS_PER_UNIT = 29
LAST_ID = 65535
DAY = 86400


@dataclass(slots=True, kw_only=True)
class Part:
    """The part of a bolus given at once, or the extended one; amounts in mU."""

    extended: bool
    start: int
    end: int
    requested: int
    amount: int
    counted: int = 0

    def by(self, second: int) -> int:
        """Return the amount that this part had delivered by a second of UTC."""
        if second >= self.end:
            return self.amount
        if second <= self.start:
            return 0
        return round(self.amount * (second - self.start) / (self.end - self.start))


@dataclass(slots=True, kw_only=True, eq=False)
class Bolus:
    """A running bolus; `done` is the amount that its ended parts delivered, in mU."""

    order: Order
    messages: Messages
    started: int | None = None
    part: Part | None = None
    done: int = 0
    next: Appointment | None = None


class Boluses:
    """Everything about boluses: their events and, separately, their true delivery."""

    def __init__(
        self, timeline: Timeline, log: EventLog, doses: InsulinOnBoard, first_id: int
    ) -> None:
        """Begin with none under way."""
        self._timeline = timeline
        self._log = log
        self._doses = doses
        self._next_id = first_id
        self._parts: list[Part] = []
        self._ended = 0
        self._meals: list[tuple[int, int]] = []
        self.newest = 0
        """Second of UTC at which a bolus was last requested."""
        self.under_way: list[Bolus] = []
        self.blocked: Callable[[], bool] = lambda: False

    @property
    def busy(self) -> bool:
        """Whether a bolus is being prepared or given at once."""
        return any(
            bolus.part is None or not bolus.part.extended for bolus in self.under_way
        )

    @property
    def extending(self) -> bool:
        """Whether the extended part of a bolus is waiting or running."""
        return any(bolus.order.later for bolus in self.under_way)

    def request(
        self, order: Order, *, rejected: bool = False, again: bool = False
    ) -> int | None:
        """Ask for a bolus and return its id; None when the pump is suspended, or busy with another.

        What is asked for again is eaten once.
        """
        if self.blocked() or self.busy or (order.later and self.extending):
            return None
        number, self._next_id = self._next_id, self._next_id % LAST_ID + 1
        self.newest = self._timeline.now
        bolus = Bolus(
            order=order, messages=Messages(log=self._log, id=number, order=order)
        )
        bolus.messages.request(self.on_board())
        if order.carbs and not again:
            self._meals.append((self._timeline.now, order.carbs))
        if rejected:
            self._never_begun(bolus, Ending.REJECTED)
        else:
            self.under_way.append(bolus)
            bolus.next = self._timeline.after(PREPARING, lambda: self._start(bolus))
        return number

    def stop(self, ending: Ending = Ending.USER) -> None:
        """End every running bolus."""
        for bolus in list(self.under_way):
            if bolus.next is not None:
                bolus.next.cancel()
            if bolus.part is None:
                self._never_begun(bolus, ending)
                self.under_way.remove(bolus)
            else:
                bolus.part.amount = bolus.part.by(self._timeline.now)
                bolus.part.end = self._timeline.now
                self._end_part(bolus, bolus.part, ending)
                self._finish(bolus)

    def delivered(self, start: int, end: int) -> float:
        """Return the units truly delivered between two seconds of UTC."""
        total = 0
        for part in self._parts[
            bisect_left(self._parts, start - DAY, key=lambda part: part.start) :
        ]:
            if part.start >= end:
                break
            total += part.by(end) - part.by(start)
        return total / 1000

    def total(self) -> float:
        """Return the units delivered so far in the pump's life."""
        running = sum(
            bolus.part.by(self._timeline.now) for bolus in self.under_way if bolus.part
        )
        return (self._ended + running) / 1000

    def carbs(self, start: int, end: int) -> int:
        """Return the grams entered from one second of UTC until before another."""
        return sum(grams for second, grams in self._meals if start <= second < end)

    def count(self) -> None:
        """Add the insulin that running parts have delivered so far to the insulin on board."""
        for bolus in self.under_way:
            if bolus.part is not None:
                self._count(bolus.part)

    def on_board(self) -> float:
        """Return the units on board now."""
        self.count()
        return self._doses.at(self._timeline.now)

    def bolus_on_board(self) -> float:
        """Return the insulin on board from boluses only."""
        self.count()
        return self._doses.of_boluses(self._timeline.now)

    def _count(self, part: Part) -> None:
        now = self._timeline.now
        delivered = part.by(now)
        self._doses.add(now, (delivered - part.counted) / 1000)
        part.counted = delivered

    def _never_begun(self, bolus: Bolus, ending: Ending) -> None:
        order = bolus.order
        bolus.messages.part_over(
            ending,
            extended=not order.now,
            delivered=0,
            requested=order.now or order.later,
            on_board=self.on_board(),
        )

    def _start(self, bolus: Bolus) -> None:
        bolus.started = self._timeline.now
        self._begin_part(bolus, extended=not bolus.order.now)
        bolus.messages.delivery()

    def _begin_part(self, bolus: Bolus, *, extended: bool) -> None:
        order, now = bolus.order, self._timeline.now
        amount = order.later if extended else order.now
        seconds = max(5, round(amount / 1000 * SECONDS_PER_UNIT))
        if extended:
            seconds = max(seconds, (bolus.started or now) + order.minutes * 60 - now)
        bolus.messages.part_begun(
            extended=extended, units=amount / 1000, on_board=self.on_board()
        )
        part = Part(
            extended=extended,
            start=now,
            end=now + seconds,
            requested=amount,
            amount=amount,
        )
        bolus.part = part
        self._parts.append(part)
        bolus.next = self._timeline.at(part.end, lambda: self._part_done(bolus, part))

    def _part_done(self, bolus: Bolus, part: Part) -> None:
        self._end_part(bolus, part, Ending.COMPLETED)
        if bolus.order.later and not part.extended:
            self._begin_part(bolus, extended=True)
        else:
            self._finish(bolus)

    def _end_part(self, bolus: Bolus, part: Part, ending: Ending) -> None:
        self._count(part)
        self._ended += part.amount
        bolus.done += part.amount
        bolus.part = None
        bolus.messages.part_over(
            ending,
            extended=part.extended,
            delivered=part.amount,
            requested=part.requested,
            on_board=self.on_board(),
        )

    def _finish(self, bolus: Bolus) -> None:
        bolus.messages.delivery(bolus.done)
        self.under_way.remove(bolus)
