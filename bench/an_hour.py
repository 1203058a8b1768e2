"""Work out an hour of new data with everything kept of before, and with nothing: python -m bench.an_hour."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
import gc
from statistics import median
from time import process_time

from custom_components.tconnectsync.forward.desired_documents import (
    CacheByPump,
    DaysRecords,
    changed_from,
    documents_on,
)
from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.tandem.event_types import PumpEvent
from custom_components.tconnectsync.therapy.clock.uploads import upload_of
from custom_components.tconnectsync.therapy.figures import compute_figures
from custom_components.tconnectsync.therapy.history import Derivation
from custom_components.tconnectsync.therapy.hourly_figures import (
    first_complete_hour,
    hours,
)
from custom_components.tconnectsync.therapy.result_cache import ResultCache
from custom_components.tconnectsync.therapy.state import derive_state
from demo.pump import SimulatedPump
from demo.pump.doses import in_doses

from .person import ZONE

RUNS = 3
HELD_DAYS = (3, 7, 35)
START = datetime(2026, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
READ_AGAIN = timedelta(days=3)
"""From the pump day before these on hours are compared with those of the recorder."""
LIMITS = 70, 180
INSULIN_DURATION = 300
PUMP = PumpIdentity(serial_number="11223344", model="t:slim X2")

type Times = dict[str, float]
"""CPU time (ms) by what took it."""


class Account:
    """What is held of one pump, and what is kept of it if anything is."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._derivation = Derivation()
        self._sums = ResultCache()
        self._hours = ResultCache()
        self._settled: DaysRecords = {}
        self._cache: CacheByPump = {}
        self._built = ResultCache()
        self._days: dict[date, tuple[PumpEvent, ...]] = {}

    def take(self, events: list[PumpEvent]) -> Times:
        """Work out all that follows from an upload; return what it took."""
        took: Times = {}

        def timed[R](name: str, work: Callable[[], R]) -> R:
            gc.collect()
            began = process_time()
            result = work()
            took[name] = 1000 * (process_time() - began)
            return result

        days = self._held(events)
        end = events[-1].pump_time.replace(tzinfo=ZONE) + HOUR / 30
        upload = timed("end of the log", lambda: upload_of(reversed(events), None, end))
        uploads = [upload] if upload else []
        history = timed(
            "records", lambda: self._derivation.derive(days, [], ZONE, end, uploads)
        )
        timed("state", lambda: derive_state([history], INSULIN_DURATION))
        timed(
            "figures",
            lambda: compute_figures(
                [history], ZONE, *LIMITS, INSULIN_DURATION, cache=self._sums
            ),
        )
        since = (end - READ_AGAIN).date()
        first = timed("first hour", lambda: first_complete_hour([history], since))
        timed(
            "hours",
            lambda: hours(
                [history],
                first or end,
                insulin_duration=INSULIN_DURATION,
                cache=self._hours,
            ),
        )
        starts = dict.fromkeys(Feature, events[0].pump_time.date())
        self._settled, changed = timed(
            "what documents are made of",
            lambda: changed_from(
                {PUMP: history}, set(Feature), starts, self._settled, self._cache
            ),
        )
        timed("documents", lambda: documents_on(changed, self._built))
        return took | {"all": sum(took.values())}

    def _held(self, events: list[PumpEvent]) -> dict[date, tuple[PumpEvent, ...]]:
        """Return events by pump day as a store holds them: days to which nothing came are the same objects."""
        days: defaultdict[date, list[PumpEvent]] = defaultdict(list)
        for event in events:
            days[event.pump_time.date()].append(event)
        self._days = {
            day: held
            if (held := self._days.get(day)) == tuple(of_day)
            else tuple(of_day)
            for day, of_day in days.items()
        }
        return self._days


def spread(times: Iterable[float]) -> str:
    """Return middle, least and most."""
    every = sorted(times)
    return f"{median(every):.1f} ({every[0]:.1f}-{every[-1]:.1f})"


def main() -> None:
    """Print what an hour of new data costs by what is held, side by side."""
    pump = SimulatedPump(start=START, time_zone=ZONE, seed=3)
    pump.run_for(days=max(HELD_DAYS), hours=RUNS)
    log = [*zip(pump.instants, pump.events, strict=True)]
    for what, logged in ("rates", log), ("doses", in_doses(log)):
        measure(what, decode_events(dict(event) for _, event in logged).events)


def measure(what: str, events: list[PumpEvent]) -> None:
    """Print what an hour costs of a pump whose log tells of this basal insulin."""
    end = events[-1].pump_time
    for held in HELD_DAYS:
        account, rows = Account(), []
        for run in range(RUNS + 1):
            until = end - HOUR * (RUNS - run)
            since = until - timedelta(days=held)
            known = [one for one in events if since.date() <= one.pump_time.date()]
            known = [one for one in known if one.pump_time <= until]
            both = Account().take(known), account.take(known)
            if run:
                rows.append(both)
        print(f"| {what}, {held} days held (ms) | nothing kept | what is kept |")
        print("| --- | ---: | ---: |")
        for name in rows[0][0]:
            whole, kept = (
                spread(times[name] for times in of_one)
                for of_one in zip(*rows, strict=True)
            )
            print(f"| {name} | {whole} | {kept} |")


if __name__ == "__main__":
    main()
