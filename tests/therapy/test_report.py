"""The report: every figure compared with a count by the minute."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import ceil, sqrt
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import KNOWN_KINDS
from custom_components.tconnectsync.therapy.report import Report, build_report

from .pump_days import PumpDay

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)
LOW, HIGH = 70, 180
KINDS = ["meal", "correction", "automatic"]


class Weeks:
    """Some days of a pump in UTC, with the truth by the minute."""

    def __init__(self, seed: int, *, first: str, days: int, zone: ZoneInfo) -> None:
        """Run the days at random, with gaps without sensor readings."""
        chance = Random(seed)
        self.begin = datetime.fromisoformat(first).replace(tzinfo=UTC)
        self.zone = zone
        self.glucose: dict[datetime, int] = {}
        self.basal: dict[datetime, float] = {}
        self.boluses: list[tuple[datetime, str, float, int]] = []
        self.sites: list[datetime] = []
        log, now, value, rate, number = PumpDay(first), self.begin, 120, 1.0, 0
        for step in range(days * 288):
            now = self.begin + step * 5 * MINUTE
            stamp = f"{now:%Y-%m-%dT%H:%M:%S}"
            if step % 12 == 0:
                rate = round(chance.uniform(0.1, 2), 1)
            log.basal(stamp, rate)
            if chance.random() > 0.1:
                value = min(400, max(40, value + chance.randint(-15, 15)))
                log.reading(stamp, value)
                self.glucose |= {now + minute * MINUTE: value for minute in range(5)}
            self.basal |= {now + minute * MINUTE: rate for minute in range(5)}
            if chance.random() < 0.03:
                number += 1
                self._bolus(log, now, number, chance)
            if chance.random() < 0.005:
                log.write(stamp, 33, insulinVolume=200, v2Volume=200)
                log.write(stamp, 61, primeSize=0.3, completionStatus=3)
                self.sites.append(now)
        self.end = now
        log.seen(f"{now:%Y-%m-%dT%H:%M:%S}")
        self.history = log.history()

    def _bolus(self, log: PumpDay, now: datetime, number: int, chance: Random) -> None:
        kind = chance.choice(KINDS)
        units, carbs = chance.randint(1, 8) / 2, 30 if kind == "meal" else 0
        stamp = f"{now:%Y-%m-%dT%H:%M:%S}"
        automatic = kind == "automatic"
        asked = {"kind": 2, "option": 3} if automatic else {}
        log.ask(stamp, number, units, carbs=carbs, **asked)
        log.start(stamp, number, units, source=7 if automatic else 1)
        log.end(stamp, number, units)
        self.boluses.append((now, kind, units, carbs))

    def since(self, start: datetime) -> dict[datetime, int]:
        """Return the glucose of each minute from an instant until the newest event."""
        return {at: one for at, one in self.glucose.items() if start <= at < self.end}

    def of(self, days: int) -> Report:
        """Return the report of this many days."""
        found = build_report([self.history], self.zone, days, LOW, HIGH)
        assert found is not None
        return found

    def start(self, days: int) -> datetime:
        """Return the midnight at which a report of this many days starts."""
        day = self.end.astimezone(self.zone).date() - timedelta(days=days - 1)
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)


LIVES = pytest.mark.parametrize(
    ("first", "zone"),
    [
        ("2026-05-01", ZoneInfo("UTC")),
        ("2026-05-01", ZoneInfo("America/New_York")),
        ("2026-05-01", ZoneInfo("Asia/Kathmandu")),
        ("2026-03-24", BERLIN),
        ("2026-10-20", BERLIN),
    ],
)


def _part(history: History, start: datetime, end: datetime) -> History:
    """Return the log of a pump that was in use between two instants."""
    readings = tuple(one for one in history.readings if start <= one.start < end)
    boluses = tuple(one for one in history.boluses if start <= one.start < end)
    basal = tuple(
        replace(one, start=max(one.start, start), end=min(one.end, end))
        for one in history.basal
        if one.start < end and one.end > start
    )
    assert history.newest
    return replace(
        history,
        newest=min(history.newest, end),
        readings=readings,
        boluses=boluses,
        basal=basal,
    )


def rank(values: list[int], percent: int) -> int:
    """Return the nearest rank of sorted values."""
    return values[max(1, ceil(percent * len(values) / 100)) - 1]


@LIVES
def test_the_span(first: str, zone: ZoneInfo) -> None:
    """The span starts at a midnight of the person and ends at the newest event."""
    life = Weeks(1, first=first, days=8, zone=zone)
    found = life.of(7)
    assert (found.start, found.end) == (life.start(7), life.end)
    assert [day.day for day in found.days] == [
        life.end.astimezone(zone).date() - ONE_DAY * back for back in reversed(range(7))
    ]


@LIVES
def test_glucose(first: str, zone: ZoneInfo) -> None:
    """Bands, mean, deviation, GMI and usage agree with the minutes of all readings."""
    life = Weeks(2, first=first, days=8, zone=zone)
    found, values = life.of(7).glucose, list(life.since(life.start(7)).values())
    assert found is not None
    mean = sum(values) / len(values)
    deviation = sqrt(sum((one - mean) ** 2 for one in values) / len(values))

    def share(low: int, high: int) -> float:
        return 100 * sum(low <= one <= high for one in values) / len(values)

    expected = {
        found.very_low: share(0, 53),
        found.low: share(54, 69),
        found.in_range: share(70, 180),
        found.high: share(181, 250),
        found.very_high: share(251, 999),
        found.average: mean,
        found.coefficient_of_variation: 100 * deviation / mean,
        found.glucose_management_indicator: 3.31 + 0.02392 * mean,
        found.usage: 100 * len(values) * MINUTE / (life.end - life.start(7)),
    }
    assert list(expected) == pytest.approx(list(expected.values()))


@LIVES
def test_the_profile(first: str, zone: ZoneInfo) -> None:
    """Each quarter of an hour has the nearest ranks of all minutes within fifteen minutes of it."""
    life = Weeks(3, first=first, days=12, zone=zone)
    near: defaultdict[int, list[int]] = defaultdict(list)
    days: defaultdict[int, set[date]] = defaultdict(set)
    for at, value in life.since(life.start(11)).items():
        local = at.astimezone(zone)
        quarter = (local.hour * 60 + local.minute) // 15
        for point in (quarter, (quarter + 1) % 96):
            near[point].append(value)
            days[point].add(local.date())
    percentiles = life.of(11).percentiles
    assert len(percentiles) == 96
    for point, found in enumerate(percentiles):
        assert len(days[point]) >= 3
        ordered = sorted(near[point])
        assert found == {p: rank(ordered, p) for p in (5, 25, 50, 75, 95)}


@LIVES
def test_lows_by_the_hour(first: str, zone: ZoneInfo) -> None:
    """Of all minutes in an hour of the day, the shares below range and very low are counted."""
    life = Weeks(4, first=first, days=8, zone=zone)
    hours: defaultdict[int, list[int]] = defaultdict(list)
    for at, value in life.since(life.start(7)).items():
        hours[at.astimezone(zone).hour].append(value)
    found = life.of(7)
    for limit, shares in ((70, found.below_by_hour), (54, found.very_low_by_hour)):
        assert shares == pytest.approx(
            [
                100 * sum(one < limit for one in hours[hour]) / len(hours[hour])
                for hour in range(24)
            ]
        )


@LIVES
def test_days(first: str, zone: ZoneInfo) -> None:
    """Insulin and carbs agree for every day of the person's clock, of any length."""
    life = Weeks(5, first=first, days=8, zone=zone)
    found, start = life.of(7), life.start(7)
    basal: defaultdict[date, float] = defaultdict(float)
    bolus: defaultdict[date, float] = defaultdict(float)
    carbs: defaultdict[date, int] = defaultdict(int)
    for at, rate in life.basal.items():
        if start <= at < life.end:
            basal[at.astimezone(zone).date()] += rate / 60
    for at, _, units, grams in life.boluses:
        if at >= start:
            bolus[at.astimezone(zone).date()] += units
            carbs[at.astimezone(zone).date()] += grams
    for day in found.days:
        assert day.basal == pytest.approx(basal[day.day])
        assert day.bolus == pytest.approx(bolus[day.day])
        assert day.carbs == carbs[day.day]
        assert day.not_known == timedelta()
    averages = found.averages
    assert averages is not None
    days = (life.end - start) / ONE_DAY
    whole = sum(basal.values()) + sum(bolus.values())
    assert averages.insulin == pytest.approx(whole / days)
    assert averages.basal_share == pytest.approx(100 * sum(basal.values()) / whole)
    assert averages.carbs == pytest.approx(sum(carbs.values()) / days)


@LIVES
def test_boluses_by_kind(first: str, zone: ZoneInfo) -> None:
    """Number and amount of each kind agree."""
    life = Weeks(6, first=first, days=8, zone=zone)
    start = life.start(7)
    found = life.of(7)
    for kind in KNOWN_KINDS:
        units = [
            one for at, what, one, _ in life.boluses if at >= start and what == kind
        ]
        assert found.boluses[kind].count == len(units)
        assert found.boluses[kind].insulin == pytest.approx(sum(units))
    assert found.site_changes == [at for at in life.sites if at >= start]
    assert found.cartridge_changes == found.site_changes


@settings(max_examples=5)
@given(seed=st.integers(0, 10_000), hours=st.integers(1, 71))
def test_two_pumps_are_one_person(seed: int, hours: int) -> None:
    """A log split between two pumps gives the same report as one pump."""
    life = Weeks(seed, first="2026-05-01", days=4, zone=BERLIN)
    one = life.of(3)
    cut = life.begin + timedelta(hours=hours)
    both = [_part(life.history, datetime.min.replace(tzinfo=UTC), cut)]
    both.append(_part(life.history, cut, datetime.max.replace(tzinfo=UTC)))
    two = build_report(both, BERLIN, 3, LOW, HIGH)
    assert two is not None
    assert two.percentiles == one.percentiles
    assert two.boluses == one.boluses
    for here, there in zip(two.days, one.days, strict=True):
        assert (here.basal, here.bolus) == pytest.approx((there.basal, there.bolus))


def test_too_few_days_say_nothing_of_what_is_usual() -> None:
    """Two days have no percentiles; three days have."""
    life = Weeks(7, first="2026-05-01", days=3, zone=ZoneInfo("UTC"))
    assert life.of(2).percentiles == [None] * 96
    assert None not in life.of(3).percentiles


def test_what_nobody_knows() -> None:
    """Insulin of a pump that was not read, or is unreadable, has no sum; glucose has."""
    life = Weeks(8, first="2026-05-01", days=4, zone=ZoneInfo("UTC"))
    found = build_report(
        [life.history],
        life.zone,
        3,
        LOW,
        HIGH,
        delivery_uncertain_until=life.end - ONE_DAY,
    )
    assert found is not None
    assert found.averages is None
    assert {day.basal for day in found.days} == {None}
    assert {one.insulin for one in found.boluses.values()} == {None}
    assert found.glucose is not None
    earlier = build_report(
        [life.history], life.zone, 3, LOW, HIGH, delivery_uncertain_until=life.begin
    )
    assert earlier == life.of(3)
    assert build_report([History()], life.zone, 3, LOW, HIGH) is None


def test_one_day_that_cannot_be_read() -> None:
    """That day has no sum of boluses, and the other days have theirs."""
    log = PumpDay("2026-05-01")
    for day in range(3):
        for hour in range(24):
            for minute in range(0, 60, 5):
                log.basal(f"{hour:02}:{minute:02}:00", 1.0)
            if (day, hour) == (1, 12):
                log.write("12:55:00", 20)
        log.next_day()
    found = build_report([log.history()], ZoneInfo("UTC"), 3, LOW, HIGH)
    assert found is not None
    assert [day.bolus is None for day in found.days] == [False, True, False]
    assert {one.insulin for one in found.boluses.values()} == {None}
    assert found.averages is not None
    assert found.averages.insulin is None
