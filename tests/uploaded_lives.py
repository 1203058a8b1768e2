"""Stored events of a user's pumps, uploaded in any order, as inputs of derived data."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.tandem.event_types import PumpEvent
from custom_components.tconnectsync.therapy.clock.uploads import Upload, upload_of
from custom_components.tconnectsync.therapy.history import Derivation, History
from demo.pump import Mode, RawEvent, SimulatedPump
from demo.pump.doses import in_doses

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (BERLIN, BERLIN, BERLIN, ZoneInfo("Asia/Kolkata"))
START = datetime(2026, 3, 26, 9, tzinfo=UTC)
"""Three days before the clocks change."""
SWAPPED = START + timedelta(days=4, hours=3)
END = START + timedelta(days=6)
PUMPS = tuple(
    PumpIdentity(serial_number=number, model="t:slim X2")
    for number in ("11223344", "55667788")
)
SEEDS = 4


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The stored data of each pump, and the options it is derived with."""

    events: tuple[list[PumpEvent], ...]
    uploads: tuple[list[Upload] | None, ...]
    last_upload: datetime | None
    zone: ZoneInfo
    features: frozenset[Feature]
    starts: dict[Feature, date]


@cache
def logs(seed: int) -> tuple[list[tuple[datetime, RawEvent]], ...]:
    """Return the logs of two pumps with true instants; the second pump takes over from the first."""
    chance = Random(seed)
    first, second = (
        SimulatedPump(
            start=start,
            time_zone=BERLIN,
            seed=10 * seed + number,
            serial_number=pump.serial_number,
        )
        for number, (start, pump) in enumerate(
            zip((START, SWAPPED), PUMPS, strict=True)
        )
    )
    for pump, until in ((first, SWAPPED), (second, END)):
        while pump.now < until:
            pump.run_until(min(until, pump.now + timedelta(hours=chance.uniform(1, 9))))
            _disturb(pump, chance)
    pump_logs = [
        list(zip(pump.instants, pump.events, strict=True)) for pump in (first, second)
    ]
    if seed % 2:
        pump_logs[1] = list(in_doses(pump_logs[1]))
    return tuple(pump_logs)


def _disturb(pump: SimulatedPump, chance: Random) -> None:
    """Cause an event that affects earlier or later parts of the log."""
    match chance.randrange(16):
        case 0:
            pump.move_clock(timedelta(minutes=chance.choice((60, -60, 4, 390, -720))))
        case 1:
            pump.suspend(chance.choice((0, 6)))
        case 2 | 3:
            pump.resume()
        case 4:
            pump.provoke_alarm(chance.choice((0, 2, 18, 26)))
            pump.log_event(
                chance.choice((37, 279)), commandedRateSource=3, commandedRate=900
            )
        case 5:
            pump.provoke_alert(0)
        case 6:
            pump.start_mode(Mode.EXERCISE)
        case 7:
            pump.stop_mode()
        case 8:
            pump.set_temp_rate(150, 600)
        case 9 | 10:
            pump.give_bolus(3.0, 30, extended_minutes=470, now_percent=40)
        case 11:
            pump.shut_down(chance.choice((3, 53, None)))
            pump.run_for(minutes=chance.choice((5, 200)))
            pump.switch_on()
        case 12:
            pump.log_event(chance.choice((279, 60, 20, 256)), nothing="known")
        case 13:
            pump.restart_sequence()
        case 14:
            for ago in range(30, 0, -5):
                pump.read_glucose(120, ago=timedelta(minutes=ago))
        case _:
            pump.change_site()


@cache
def typed(seed: int) -> tuple[list[PumpEvent | None], ...]:
    """Return the typed events, None for unreadable ones."""
    return tuple(
        [next(iter(decode_events([dict(raw)]).events), None) for _, raw in log]
        for log in logs(seed)
    )


def by_day(events: Iterable[PumpEvent]) -> dict[date, tuple[PumpEvent, ...]]:
    """Return events by pump day, as a store holds them."""
    days: defaultdict[date, list[PumpEvent]] = defaultdict(list)
    for event in events:
        days[event.pump_time.date()].append(event)
    return {day: tuple(of_day) for day, of_day in days.items()}


def derived(
    moment: Moment, derivations: Iterable[Derivation]
) -> dict[PumpIdentity, History]:
    """Return the history of each pump, derived with the results that its derivation caches."""
    return {
        pump: derivation.derive(
            by_day(events), (), moment.zone, moment.last_upload, uploads
        )
        for pump, derivation, events, uploads in zip(
            PUMPS, derivations, moment.events, moment.uploads, strict=True
        )
    }


@st.composite
def lives(draw: st.DrawFn) -> list[Moment]:
    """Draw the stored data of several moments: more each time, some of it late, or with other options."""
    seed = draw(st.integers(0, SEEDS - 1))
    chance = Random(draw(st.integers(0, 2**32)))
    until = START + timedelta(hours=draw(st.integers(1, 140)))
    back = draw(st.sampled_from((0, 0, 2, 3, 7)))
    moments: list[Moment] = []
    uploads: tuple[list[Upload], ...] = ([], [])
    zone, features = BERLIN, frozenset(Feature)
    oldest = START
    for _ in range(draw(st.integers(2, 5))):
        held = []
        for number, log in enumerate(typed(seed)):
            events = [
                event
                for place, (event, (instant, _)) in enumerate(
                    zip(log, logs(seed)[number], strict=True)
                )
                if event
                and oldest <= instant <= until
                and not (back and place % back == 0)
            ]
            if chance.random() < 0.3:
                chance.shuffle(events)
            held.append(events)
            if events and chance.random() < 0.8:
                late = timedelta(minutes=chance.choice((2, 20, 70, -5, -15)))
                newest_first = sorted(events, key=lambda event: event.key, reverse=True)
                if upload := upload_of(newest_first, None, until + late):
                    uploads[number].append(upload)
        moments.append(
            Moment(
                events=tuple(held),
                uploads=tuple([*of_pump] or None for of_pump in uploads),
                last_upload=chance.choice((None, until, until - timedelta(minutes=9))),
                zone=zone,
                features=features,
                starts=dict.fromkeys(features, START.date() + timedelta(days=1)),
            )
        )
        match draw(st.integers(0, 7)):
            case 0:
                zone = chance.choice(ZONES)
            case 1:
                features = frozenset(chance.sample(list(Feature), 4))
            case 2:
                back = 0
            case 3:
                oldest += timedelta(days=1)
            case 4:
                until += timedelta(days=2)
            case _:
                pass
        until = min(END, until + timedelta(minutes=chance.choice((0, 4, 60, 300))))
    return moments
