"""An account for a reader, and helpers that list the requests it received."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.read.account_reader import AccountReader
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem

NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)
TODAY = NOON.date()
ONE_DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
type MakeReader = Callable[..., AccountReader]


def pump_in_use(
    start: datetime, end: datetime, serial_number: str = "11223344"
) -> SimulatedPump:
    """Return a pump that delivered for some time, with a clock that shows UTC."""
    pump = SimulatedPump(
        start=start, time_zone=ZoneInfo("UTC"), serial_number=serial_number, quiet=True
    )
    pump.run_until(end)
    return pump


def asked(tandem: SimulatedTandem) -> list[tuple[date, date]]:
    """Return the first and last days of requested pump logs, and forget all requests."""
    spans = [
        (
            date.fromisoformat(seen.query["startDate"][:10]),
            date.fromisoformat(seen.query["endDate"][:10]),
        )
        for seen in tandem.requests
        if "/pump-logs/" in seen.path
    ]
    tandem.requests.clear()
    return spans


def read_again(spans: list[tuple[date, date]]) -> tuple[date, date]:
    """Return the first and last of some days that were requested without a gap."""
    for (_, end), (start, _) in pairwise(spans):
        assert start == end + ONE_DAY
    assert all(last - first <= 2 * ONE_DAY for first, last in spans)
    return spans[0][0], spans[-1][1]
