"""Boluses of the simulated pump: asked for, started, delivered second by second, ended."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from .event_log import EventLog
from .insulin import InsulinOnBoard
from .timeline import Appointment, Timeline
from .wire import float32, float32_below

type Asker = Literal["pump", "phone", "quick", "algorithm"]

PREPARING = 15
SECONDS_PER_UNIT = 29
LAST_ID = 65535

BOLUS_TYPE = {"pump": 0, "phone": 3, "quick": 0, "algorithm": 2}
OPTIONS = {"pump": 0, "phone": 4, "quick": 2, "algorithm": 3}
SOURCE = {"pump": 1, "phone": 8, "quick": 0, "algorithm": 7}


class Ending(IntEnum):
    """How a part of a bolus ended, as completionStatus numbers it."""

    USER = 0
    ALARM = 1
    MALFUNCTION = 2
    COMPLETED = 3
    REJECTED = 5
    LOW_GLUCOSE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: amounts in mU, carbs in g, glucose in mg/dL, extension in minutes."""

    now: int
    later: int = 0
    minutes: int = 0
    carbs: int = 0
    correction: int = 0
    glucose: int = 0
    by: Asker = "pump"
    override: bool = False
    declined_correction: bool = False
    carb_ratio: float = 0.0
    correction_factor: int = 0
    target: int = 0

    @property
    def total(self) -> int:
        """Amount asked for, both parts."""
        return self.now + self.later


@dataclass(slots=True, kw_only=True)
class Part:
    """The part of a bolus given at once, or the extended one; amounts in mU."""

    bolus: Bolus
    extended: bool
    start: int
    end: int
    requested: int
    amount: int
    counted: int = 0

    def by(self, second: int) -> int:
        """Return what this part had delivered by a second of UTC."""
        if second >= self.end:
            return self.amount
        if second <= self.start:
            return 0
        return round(self.amount * (second - self.start) / (self.end - self.start))


@dataclass(slots=True, kw_only=True)
class Bolus:
    """A bolus on its way."""

    id: int
    order: Order
    second: int
    started: int | None = None
    part: Part | None = None
    done: int = 0
    next: Appointment | None = None


class Boluses:
    """Everything about boluses: their events and, apart from those, what was truly delivered."""

    def __init__(
        self, timeline: Timeline, log: EventLog, on_board: InsulinOnBoard, first_id: int
    ) -> None:
        """Begin with none under way."""
        self._timeline = timeline
        self._log = log
        self._on_board = on_board
        self._id = first_id
        self._parts: list[Part] = []
        self._ended = 0
        self.newest = 0
        """Second of UTC at which a bolus was last asked for."""
        self.under_way: list[Bolus] = []
        self.meals: list[tuple[int, int]] = []
        self.blocked: Callable[[], bool] = lambda: False

    @property
    def busy(self) -> bool:
        """Whether a bolus is being prepared or given at once."""
        return any(
            bolus.part is None or not bolus.part.extended for bolus in self.under_way
        )

    @property
    def extending(self) -> bool:
        """Whether the extended part of a bolus is to come or being given."""
        return any(bolus.order.later for bolus in self.under_way)

    def request(self, order: Order, *, rejected: bool = False) -> Bolus | None:
        """Ask for a bolus; None when the pump is suspended, or busy with another."""
        if self.blocked() or self.busy or (order.later and self.extending):
            return None
        self._id = self._id % LAST_ID + 1
        self.newest = self._timeline.now
        bolus = Bolus(id=self._id, order=order, second=self._timeline.now)
        self._log_request(bolus)
        if order.carbs:
            self.meals.append((self._timeline.now, order.carbs))
        if rejected:
            self._log_end(20, bolus, Ending.REJECTED, 0, order.now)
            return bolus
        self.under_way.append(bolus)
        bolus.next = self._timeline.after(PREPARING, lambda: self._start(bolus))
        return bolus

    def stop(self, ending: Ending = Ending.USER, *, extended: bool = True) -> None:
        """End whatever is under way, with or without an extended part."""
        for bolus in list(self.under_way):
            if extended or bolus.part is None or not bolus.part.extended:
                self._stop(bolus, ending)

    def delivered(self, start: int, end: int) -> float:
        """Return the units truly delivered between two seconds of UTC."""
        first = bisect_left(self._parts, start - 86400, key=lambda part: part.start)
        total = 0
        for part in self._parts[first:]:
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
        return sum(grams for second, grams in self.meals if start <= second < end)

    def count(self) -> None:
        """Put on board what the parts under way have delivered so far."""
        now = self._timeline.now
        for bolus in self.under_way:
            if bolus.part is not None:
                self._count(bolus.part, now)

    def on_board(self) -> float:
        """Return the units on board now."""
        self.count()
        return self._on_board.at(self._timeline.now)

    def _count(self, part: Part, second: int) -> None:
        delivered = part.by(second)
        self._on_board.add(second, (delivered - part.counted) / 1000)
        part.counted = delivered

    def _start(self, bolus: Bolus) -> None:
        bolus.started = self._timeline.now
        self._begin_part(bolus, extended=not bolus.order.now)
        self._log_delivery(bolus, started=True)

    def _begin_part(self, bolus: Bolus, *, extended: bool) -> None:
        order, now = bolus.order, self._timeline.now
        amount = order.later if extended else order.now
        seconds = max(5, round(amount / 1000 * SECONDS_PER_UNIT))
        if extended:
            seconds = max(seconds, (bolus.started or now) + order.minutes * 60 - now)
        iob, code, size = (
            self.on_board(),
            59 if extended else 55,
            "bolexSize" if extended else "bolusSize",
        )
        properties = {
            "bolusId": bolus.id,
            "selectedIob": 1,
            "spareA3": 0,
            "iob": float32(iob),
        }
        self._log.write(code, **properties, **{size: float32_below(amount / 1000)})
        part = Part(
            bolus=bolus,
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

    def _stop(self, bolus: Bolus, ending: Ending) -> None:
        if bolus.next is not None:
            bolus.next.cancel()
        if bolus.part is None:
            code = 20 if bolus.order.now else 21
            self._log_end(code, bolus, ending, 0, bolus.order.now or bolus.order.later)
            self.under_way.remove(bolus)
            return
        part, now = bolus.part, self._timeline.now
        part.amount, part.end = part.by(now), now
        self._end_part(bolus, part, ending)
        self._finish(bolus)

    def _end_part(self, bolus: Bolus, part: Part, ending: Ending) -> None:
        self._count(part, self._timeline.now)
        bolus.done += part.amount
        self._ended += part.amount
        bolus.part = None
        self._log_end(
            21 if part.extended else 20, bolus, ending, part.amount, part.requested
        )

    def _finish(self, bolus: Bolus) -> None:
        self._log_delivery(bolus, started=False)
        self.under_way.remove(bolus)

    def _log_request(self, bolus: Bolus) -> None:
        order, write = bolus.order, self._log.write
        asked_on_pump = order.by in ("pump", "quick")
        write(
            64,
            bolusId=bolus.id,
            bolusType=1 if order.by == "pump" and order.carbs else BOLUS_TYPE[order.by],
            correctionBolusIncluded=int(order.correction > 0),
            carbAmount=order.carbs,
            bg=order.glucose,
            iob=float32(self.on_board()),
            carbRatio=round(order.carb_ratio * 1000) if asked_on_pump else 0,
        )
        write(
            65,
            bolusId=bolus.id,
            options=OPTIONS[order.by] + bool(order.later),
            standardPercent=round(100 * order.now / order.total)
            if order.total
            else 100,
            duration=order.minutes if order.later else 0,
            spareB6=0,
            isf=order.correction_factor if asked_on_pump else 0,
            targetBg=order.target if asked_on_pump else 0,
            userOverride=int(order.override),
            declinedCorrection=int(order.declined_correction),
            selectedIob=1,
        )
        write(
            66,
            bolusId=bolus.id,
            spareA2=0,
            foodBolusSize=float32(max(0, order.total - order.correction) / 1000),
            correctionBolusSize=float32(order.correction / 1000),
            totalBolusSize=float32(order.total / 1000),
        )

    def _log_delivery(self, bolus: Bolus, *, started: bool) -> None:
        order = bolus.order
        kinds = (order.now, order.later, order.override, order.correction, order.carbs)
        self._log.write(
            280,
            bolusId=bolus.id,
            bolusDeliveryStatus=int(started),
            bolusType=[bit for bit, kind in enumerate(kinds) if kind],
            bolusSource=SOURCE[order.by],
            remoteId=76 if order.by == "phone" else 0,
            requestedNow=order.now,
            requestedLater=order.later,
            correction=max(0, order.correction),
            extendedDurationRequested=order.minutes if order.later else 0,
            deliveredTotal=0 if started else bolus.done,
        )

    def _log_end(
        self, code: int, bolus: Bolus, ending: Ending, delivered: int, requested: int
    ) -> None:
        self._log.write(
            code,
            completionStatus=int(ending),
            bolusId=bolus.id,
            iob=float32(self.on_board()),
            insulinDelivered=float32_below(delivered / 1000),
            insulinRequested=float32_below(requested / 1000),
        )
