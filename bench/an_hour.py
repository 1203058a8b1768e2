"""Derive an hour of new data with everything kept of before, and with nothing: python -m bench.an_hour."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
import gc
from statistics import median
from time import process_time

from custom_components.tconnectsync.forward.desired_documents import (
    DaysRecords,
    KeptByPump,
    changed_from,
)
from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.tandem.event_types import PumpEvent
from custom_components.tconnectsync.therapy.history import Derivation
from custom_components.tconnectsync.therapy.uploads import upload_of
from demo.pump import SimulatedPump

from .person import ZONE

RUNS = 3
HELD_DAYS = (3, 7, 35)
START = datetime(2026, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
PUMP = PumpIdentity(serial_number="11223344", model="t:slim X2")


class Account:
    """What is held of one pump, and what is kept of it if anything is."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._derivation = Derivation()
        self._settled: DaysRecords = {}
        self._kept: KeptByPump = {}

    def take(self, events: list[PumpEvent]) -> tuple[float, float]:
        """Derive everything and build what changed; return the CPU time of each (ms)."""
        days: defaultdict[date, list[PumpEvent]] = defaultdict(list)
        for event in events:
            days[event.pump_time.date()].append(event)
        end = events[-1].pump_time.replace(tzinfo=ZONE)
        upload = upload_of(reversed(events), None, end + 2 * timedelta(minutes=1))
        uploads = [upload] if upload else []
        history, deriving = timed(
            lambda: self._derivation.derive(days, [], ZONE, end + HOUR / 30, uploads)
        )
        starts = dict.fromkeys(Feature, events[0].pump_time.date())
        (self._settled, _), building = timed(
            lambda: changed_from(
                {PUMP: history}, set(Feature), starts, self._settled, self._kept
            )
        )
        return deriving, building


def timed[R](work: Callable[[], R]) -> tuple[R, float]:
    """Return the result of work and the CPU time it took (ms)."""
    gc.collect()
    began = process_time()
    result = work()
    return result, 1000 * (process_time() - began)


def spread(times: Iterable[float]) -> str:
    """Return middle, least and most."""
    every = sorted(times)
    return f"{median(every):.0f} ms ({every[0]:.0f}-{every[-1]:.0f})"


def main() -> None:
    """Print what an hour of new data costs by what is held, side by side."""
    pump = SimulatedPump(start=START, time_zone=ZONE, seed=3)
    pump.run_for(days=max(HELD_DAYS), hours=RUNS)
    events = decode_events(map(dict, pump.events)).events
    end = events[-1].pump_time
    print("| held | records: all, what changed | documents: all, what changed |")
    print("| --- | --- | --- |")
    for held in HELD_DAYS:
        account, rows = Account(), []
        for run in range(RUNS + 1):
            until = end - HOUR * (RUNS - run)
            since = until - timedelta(days=held)
            known = [one for one in events if since.date() <= one.pump_time.date()]
            known = [one for one in known if one.pump_time <= until]
            whole, changed = Account().take(known), account.take(known)
            if run:
                rows.append((*whole, *changed))
        all_, all_built, changed_, built = map(spread, zip(*rows, strict=True))
        print(f"| {held} days | {all_}, {changed_} | {all_built}, {built} |")


if __name__ == "__main__":
    main()
