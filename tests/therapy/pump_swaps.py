"""A day and a half of a person whose pump is swapped and reset at random, with the true delivery."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from math import exp
from random import Random
from typing import Any, Self

from hypothesis import strategies as st

from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import InsulinOnBoard

from .pump_days import PumpDay

BEGIN = datetime(2026, 5, 13, tzinfo=UTC)
MINUTES = 36 * 60
DURATION = 300
SECONDS_PER_UNIT = 29
BOLUS_CODES = frozenset({20, 21, 55, 59, 64, 65, 66, 280})
PREPARING = 15
RESTARTING = 3
"""Minutes without delivery after a reset."""


@dataclass(frozen=True, slots=True)
class Dose:
    """Insulin truly delivered (U) at a second of the life, from a bolus of a pump."""

    second: float
    insulin: float
    pump: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bolus:
    """A bolus as requested; the extended part (U) follows the immediate part."""

    minute: int
    now: float
    later: float = 0.0
    minutes: int = 0

    @property
    def start(self) -> float:
        """The start of delivery, in seconds."""
        return self.minute * 60.0 + PREPARING

    @property
    def now_end(self) -> float:
        """The end of the immediate part."""
        return self.start + round(self.now * SECONDS_PER_UNIT)

    @property
    def end(self) -> float:
        """The end of the complete bolus."""
        return max(self.now_end, self.start + self.minutes * 60)


@dataclass(slots=True, kw_only=True)
class Life:
    """The life of a person and two pumps, minute by minute."""

    rates: list[float] = field(repr=False)
    """By hour, the rate that the algorithm asks for (U/h)."""
    profiles: list[float] = field(repr=False)
    """By hour, the rate of the profile (U/h)."""
    boluses: list[Bolus] = field(repr=False)
    entries: list[int]
    """Minutes at which glucose is entered, so that the pump logs insulin on board."""
    swapped: tuple[int, int] | None = None
    """The minute one pump is removed and the minute the next one delivers."""
    resets: list[int] = field(default_factory=list)
    """Minutes at which the pump in use then forgets its insulin on board."""
    doses: list[Dose] = field(default_factory=list, init=False, repr=False)
    _logs: tuple[list[tuple[float, int, dict[str, Any]]], ...] = field(
        default=([], []), init=False, repr=False
    )

    def live(self) -> Self:
        """Run the life and write the logs of the pumps."""
        self._logs = ([], [])
        for bolus in self.boluses:
            if not self._disturbed(bolus.minute, bolus.end / 60 + 1):
                self._give(bolus)
        for minute in range(0, MINUTES, 5):
            if not self._disturbed(minute, minute):
                self._tell_rate(minute)
        for minute in self.entries:
            if not self._disturbed(minute, minute):
                self._log(minute * 60 + 7, 16, bg=120, iob=self._said(minute * 60 + 7))
        for minute in self.resets:
            if (
                self._pump_in_use(minute)
                == self._pump_in_use(minute + RESTARTING)
                is not None
            ):
                self._reset(minute)
        if self.swapped:
            off, on = self.swapped
            self._logs[0].append((off * 60, 37, {}))
            self._logs[1].append((on * 60, 12, {"insulinAmount": 200}))
            self._tell_rate(on)
        for log in self._logs:
            log.sort(key=lambda event: event[0])
        self.doses.sort(key=lambda dose: dose.second)
        return self

    def seconds(self, pump: int) -> list[float]:
        """Return when a pump logged an event."""
        return [second for second, *_ in self._logs[pump]]

    def ending(
        self,
        after: int,
        fast: int = 0,
        short: int = 0,
        missing: tuple[float, float] | None = None,
        unreadable: float | None = None,
    ) -> tuple[float, list[History]]:
        """End the log at its last event this many minutes after the last swap or reset.

        Return the time of the end, and the histories of the pump in use then and of the other one.
        The clock of the former may be some minutes fast at its upload. The last few events may be
        missing, and so may all events between two seconds; from some second on boluses may be
        unreadable.
        """
        begun = max([12 * 60, *(on for _, on in self._disturbances())])
        pump = self._pump_in_use(begun)
        assert pump is not None
        logged = self.seconds(pump)
        events = max(1, bisect_right(logged, min(begun + after, MINUTES) * 60) - short)
        upload = BEGIN + timedelta(seconds=logged[events - 1], minutes=-fast)
        histories = [
            self.history(
                pump,
                events,
                upload if fast else None,
                missing=missing,
                unreadable=unreadable,
            )
        ]
        if pump:
            histories.append(self.history(0, missing=missing, unreadable=unreadable))
        return logged[events - 1], histories

    def said_at(self, said: InsulinOnBoard) -> float:
        """Return the second at which the pump in use last logged insulin on board, whenever it was uploaded."""
        pump = 1 if self.swapped and said.key[1] >= 2000 else 0
        return self.seconds(pump)[said.key[1] - 1000 * (pump + 1)]

    def history(
        self,
        pump: int,
        events: int | None = None,
        upload: datetime | None = None,
        *,
        missing: tuple[float, float] | None = None,
        unreadable: float | None = None,
    ) -> History:
        """Return the history of a pump's first events without missing and unreadable ones."""
        log = PumpDay(first=1000 * (pump + 1))
        for second, code, properties in self._logs[pump][:events]:
            if missing and missing[0] <= second < missing[1]:
                log.number += 1
                continue
            instant = BEGIN + timedelta(seconds=second)
            log.write(instant.strftime("%Y-%m-%dT%H:%M:%S"), code, **properties)
            if unreadable is not None and second >= unreadable and code in BOLUS_CODES:
                log.raws[-1]["eventProperties"] = None
        return log.history(last_upload=upload)

    def interrupted(self, first: float, last: float) -> bool:
        """Return whether delivery was interrupted between two minutes, by a swap or a reset."""
        return self._disturbed(first, last)

    def on_board(self, second: float) -> float:
        """Return insulin on board at a second by the published formula, minute by minute."""
        boluses = sum(
            dose.insulin * left(second - dose.second)
            for dose in self.doses
            if dose.second <= second
        )
        return max(0.0, boluses + sum(self._off_profile(second)))

    def bolus_delivered(self, until: float) -> float:
        """Return the amount of all boluses delivered up to a second (U)."""
        return sum(dose.insulin for dose in self.doses if dose.second <= until)

    def basal_delivered(self, until: float) -> float:
        """Return the basal amount of all pumps up to a second (U)."""
        return sum(
            self._rate(minute) * min(1.0, until / 60 - minute) / 60
            for minute in range(MINUTES)
            if minute * 60 < until
        )

    def running(self, second: float) -> bool:
        """Return whether a bolus is running or requested."""
        return any(
            bolus.minute * 60 <= second < bolus.end
            for bolus in self.boluses
            if not self._disturbed(bolus.minute, bolus.end / 60 + 1)
        )

    def left_out(self, said: InsulinOnBoard, newest: float) -> float:
        """Return the units on board that a pump left out when it logged insulin on board, or that came later."""
        second = self.said_at(said)
        pump = self._pump_in_use(second / 60)
        assert pump is not None
        since = self.counted_from(pump, second)
        return sum(
            dose.insulin
            for dose in self.doses
            if second - DURATION * 60 < dose.second <= newest
            and (dose.pump != pump or not since <= dose.second <= second)
        )

    def counted_from(self, pump: int, second: float) -> float:
        """Return the start of the boluses that a pump counts at a second."""
        begun = self.swapped[1] * 60.0 if pump and self.swapped else 0.0
        resets = (minute * 60.0 for minute in self.resets if self._resets(minute))
        return max((one for one in resets if begun <= one <= second), default=begun)

    def _resets(self, minute: int) -> bool:
        return (
            self._pump_in_use(minute)
            == self._pump_in_use(minute + RESTARTING)
            is not None
        )

    def _off_profile(self, second: float) -> Iterator[float]:
        """Yield the insulin on board of basal above and below the profile, minute by minute."""
        first = int(second // 60) - DURATION - 1
        for minute in range(max(0, first), int(second // 60) + 1):
            part = min(1.0, second / 60 - minute)
            if part > 0:
                amount = (self._rate(minute) - self._profile(minute)) * part / 60
                yield amount * left(second - (minute + part / 2) * 60)

    def _profile(self, minute: int) -> float:
        """Return the profile's rate as last logged."""
        while self._disturbed(minute, minute):
            minute -= 1
        reported = minute // 5 * 5
        if self.swapped and reported < self.swapped[1] <= minute:
            reported = self.swapped[1]
        for reset in self.resets:
            if self._resets(reset) and reported < reset + RESTARTING <= minute:
                reported = reset + RESTARTING
        return self.profiles[reported // 60]

    def _rate(self, minute: int) -> float:
        """Return the basal rate: the last logged one, or zero while interrupted."""
        if self._disturbed(minute, minute):
            return 0.0
        reported = minute // 5 * 5
        begun = [on for _, on in self._disturbances() if on <= minute]
        return self.rates[max(reported, *begun, 0) // 60]

    def _disturbances(self) -> list[tuple[int, int]]:
        """Return the starts and ends of interruptions."""
        swap = [self.swapped] if self.swapped else []
        resets = [
            (minute, minute + RESTARTING)
            for minute in self.resets
            if self._resets(minute)
        ]
        return [*swap, *resets]

    def _disturbed(self, first: float, last: float) -> bool:
        """Return whether delivery is interrupted between two minutes."""
        return any(
            first < on and off <= last for off, on in self._disturbances()
        ) or any(off <= first < on for off, on in self._disturbances())

    def _pump_in_use(self, minute: float) -> int | None:
        if self.swapped is None or minute < self.swapped[0]:
            return 0
        return 1 if minute >= self.swapped[1] else None

    def _log(self, second: float, code: int, **properties: Any) -> None:
        pump = self._pump_in_use(second / 60)
        assert pump is not None
        self._logs[pump].append((second, code, properties))

    def _tell_rate(self, minute: int) -> None:
        self._log(
            minute * 60,
            279,
            commandedRateSource=3,
            commandedRate=round(self.rates[minute // 60] * 1000),
            profileBasalRate=round(self.profiles[minute // 60] * 1000),
        )

    def _reset(self, minute: int) -> None:
        self._log(minute * 60, 99)
        self._log(minute * 60, 5, alarmId=3)
        self._log(minute * 60, 11, suspendReason=1, insulinAmount=100)
        self._log((minute + RESTARTING) * 60, 12, insulinAmount=100)
        self._tell_rate(minute + RESTARTING)

    def _said(self, second: float) -> float:
        """Return the amount that the pump in use counts: its own boluses since it started at 0."""
        pump = self._pump_in_use(second / 60)
        assert pump is not None
        since = self.counted_from(pump, second)
        return sum(
            dose.insulin * left(second - dose.second)
            for dose in self.doses
            if dose.pump == pump and since <= dose.second <= second
        )

    def _give(self, bolus: Bolus) -> None:
        number, asked = bolus.minute, bolus.minute * 60
        pump = self._pump_in_use(bolus.minute)
        assert pump is not None
        total = bolus.now + bolus.later
        self._log(
            asked,
            64,
            bolusId=number,
            bolusType=0,
            carbAmount=0,
            bg=0,
            iob=self._said(asked),
        )
        self._log(
            asked,
            65,
            bolusId=number,
            options=int(bool(bolus.later)),
            standardPercent=100,
            duration=bolus.minutes,
        )
        self._log(
            asked,
            66,
            bolusId=number,
            foodBolusSize=total,
            correctionBolusSize=0,
            totalBolusSize=total,
        )

        def summary(second: float, delivered: float, status: int) -> None:
            self._log(
                second,
                280,
                bolusId=number,
                bolusDeliveryStatus=status,
                bolusSource=1,
                requestedNow=round(bolus.now * 1000),
                requestedLater=round(bolus.later * 1000),
                extendedDurationRequested=bolus.minutes,
                deliveredTotal=round(delivered * 1000),
            )

        def ended(second: float, code: int, units: float) -> None:
            self._log(
                second,
                code,
                bolusId=number,
                completionStatus=3,
                insulinDelivered=units,
                insulinRequested=units,
                iob=self._said(second),
            )

        self._log(
            bolus.start,
            55,
            bolusId=number,
            bolusSize=bolus.now,
            iob=self._said(bolus.start),
        )
        summary(bolus.start, 0, 1)
        self._flow(bolus.now, bolus.start, bolus.now_end, pump)
        if bolus.later:
            ended(bolus.now_end, 20, bolus.now)
            self._log(
                bolus.now_end,
                59,
                bolusId=number,
                bolexSize=bolus.later,
                iob=self._said(bolus.now_end),
            )
            self._flow(bolus.later, bolus.now_end, bolus.end, pump)
        summary(bolus.end, total, 0)
        ended(bolus.end, 21 if bolus.later else 20, bolus.later or bolus.now)

    def _flow(self, insulin: float, start: float, end: float, pump: int) -> None:
        seconds = round(end - start)
        self.doses += [
            Dose(start + second + 0.5, insulin / seconds, pump)
            for second in range(seconds)
        ]


@cache
def _left_by_step() -> list[float]:
    """Return the remaining share at each tenth of a minute: 1 less the integral of the published activity."""
    tau = 75 * (1 - 75 / DURATION) / (1 - 2 * 75 / DURATION)
    slope = 2 * tau / DURATION
    scale = 1 / (1 - slope + (1 + slope) * exp(-DURATION / tau))
    times = [(step + 0.5) / 10 for step in range(DURATION * 10)]
    acted = (
        scale / tau**2 * time * (1 - time / DURATION) * exp(-time / tau) / 10
        for time in times
    )
    return [1 - gone for gone in accumulate(acted, initial=0.0)]


def left(seconds: float) -> float:
    """Return the share of a dose that is on board after this many seconds."""
    step = round(seconds / 6)
    return _left_by_step()[step] if step <= DURATION * 10 else 0.0


HOURS = MINUTES // 60


def boluses(chance: Random) -> list[Bolus]:
    """Return boluses that never overlap, some with an extended part."""
    slots = sorted(chance.sample(range(HOURS * 2), chance.randrange(HOURS)))
    found = []
    for slot in slots:
        minute, now = slot * 30 + chance.randrange(10), chance.randrange(10, 600) / 100
        if chance.random() < 0.3:
            later, minutes = chance.randrange(10, 400) / 100, chance.randrange(5, 15)
            found.append(Bolus(minute=minute, now=now, later=later, minutes=minutes))
        else:
            found.append(Bolus(minute=minute, now=now))
    return found


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Draw lives with swaps and resets at any minute."""
    chance = Random(draw(st.integers(0, 2**32)))
    off = draw(st.none() | st.integers(7 * 60, MINUTES - 60))
    resets = draw(st.lists(st.integers(60, MINUTES - 60), max_size=2, unique=True))
    far = [one for one in resets if off is None or abs(one - off) > 40]
    if len(far) == 2 and abs(far[0] - far[1]) < 10:
        far.pop()
    return Life(
        rates=[chance.choice((0.0, 0.4, 1.0, 1.7, 2.9)) for _ in range(HOURS + 1)],
        profiles=[chance.choice((0.5, 0.8, 1.25)) for _ in range(HOURS + 1)],
        boluses=boluses(chance),
        entries=draw(st.lists(st.integers(0, MINUTES - 1), max_size=6, unique=True)),
        swapped=None if off is None else (off, off + draw(st.integers(1, 25))),
        resets=far,
    ).live()
