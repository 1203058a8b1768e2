"""The log of an upload is read to its end, even if Tandem lists the upload before its newest events."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.read.account_reader import AccountReader
from custom_components.tconnectsync.storage.account_store import AccountStore
from demo.pump import SimulatedPump
from demo.tandem import Fault, SimulatedTandem
from demo.tandem.account import Account, ListedPump
from tests.account import upload_later

from .account_reading import HOUR, NOON, MakeReader, asked, pump_in_use

pytestmark = pytest.mark.usefixtures("no_pauses_between_reads")
MINUTE = timedelta(minutes=1)
POLL = timedelta(minutes=5, seconds=1)
"""A little more than that, for every poll begins after the one before."""
SERIAL = "11223344"
type PollsThatRead = Callable[[int], Awaitable[list[int]]]


def ending_by(shown: datetime) -> Callable[[Any], Any]:
    """Leave out of an answer the events that the pump's clock dates later."""

    def change(answer: Any) -> Any:
        last = shown.replace(tzinfo=None).isoformat()
        events = [one for one in answer["events"] if one["pumpDateTime"] <= last]
        return {**answer, "events": events}

    return change


def without_between(first: datetime, last: datetime) -> Callable[[Any], Any]:
    """Leave out of an answer the events that the pump's clock dates between two times."""
    hidden = (
        first.replace(tzinfo=None).isoformat(),
        last.replace(tzinfo=None).isoformat(),
    )

    def change(answer: Any) -> Any:
        events = [
            one
            for one in answer["events"]
            if not hidden[0] <= one["pumpDateTime"] <= hidden[1]
        ]
        return {**answer, "events": events}

    return change


@pytest.fixture
def polls_that_read(
    reader: AccountReader, tandem: SimulatedTandem, freezer: FrozenDateTimeFactory
) -> PollsThatRead:
    """Poll every five minutes this many times; return which of the polls requested the log."""

    async def poll(polls: int) -> list[int]:
        found = []
        asked(tandem)
        for number in range(polls):
            await reader.poll()
            if asked(tandem):
                found.append(number)
            freezer.tick(POLL)
        return found

    return poll


@pytest.fixture
async def cut(
    reader: AccountReader,
    tandem: SimulatedTandem,
    listed: ListedPump,
    freezer: FrozenDateTimeFactory,
) -> Fault:
    """An upload at one o'clock whose log lacks everything since noon that was not read before."""
    await reader.poll()
    upload_later(freezer, listed)
    return tandem.faults.add(
        Fault(path="/pump-logs/", times=None, change=ending_by(NOON))
    )


async def test_the_end_comes_with_a_later_poll_of_the_same_upload(
    cut: Fault,
    polls_that_read: PollsThatRead,
    tandem: SimulatedTandem,
    store: AccountStore,
    pump: SimulatedPump,
) -> None:
    """The end of the log is read without waiting for the next upload; after that nothing more is requested."""
    assert await polls_that_read(1) == [0]
    reading = store.read_progress(SERIAL)
    assert reading.last_upload == NOON + HOUR
    assert [one.at for one in reading.uploads] == [NOON]
    tandem.faults.clear()
    assert await polls_that_read(4) == [0]
    newest = next(store.event_stores[SERIAL].newest_first())
    assert newest.number == pump.events[-1]["sequenceNumber"]
    assert [one.at for one in reading.uploads] == [NOON, NOON + HOUR]


async def test_so_is_a_hole_in_what_is_new(
    reader: AccountReader,
    tandem: SimulatedTandem,
    store: AccountStore,
    listed: ListedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The newest event may be available before others of the same upload."""
    await reader.poll()
    upload_later(freezer, listed)
    hole = without_between(NOON + 5 * MINUTE, NOON + 50 * MINUTE)
    fault = tandem.faults.add(Fault(path="/pump-logs/", times=None, change=hole))
    await reader.poll()
    held = len(store.event_stores[SERIAL].events())
    fault.times = 0
    freezer.tick(POLL)
    asked(tandem)
    _, changed = await reader.poll()
    assert changed
    assert len(store.event_stores[SERIAL].events()) > held
    assert [one.at for one in store.read_progress(SERIAL).uploads] == [
        NOON,
        NOON + HOUR,
    ]
    freezer.tick(POLL)
    asked(tandem)
    await reader.poll()
    assert asked(tandem) == []


async def test_what_has_come_counts_meanwhile(
    make_reader: MakeReader,
    tandem: SimulatedTandem,
    store: AccountStore,
) -> None:
    """All days of a first read but the last count as complete meanwhile."""
    change = ending_by(NOON - 3 * HOUR)
    tandem.faults.add(Fault(path="/pump-logs/", times=None, change=change))
    _, changed = await make_reader().poll()
    reading = store.read_progress(SERIAL)
    assert changed
    assert reading.complete_from
    assert reading.complete_from_next is None
    assert reading.last_complete_upload is None


async def test_it_is_not_waited_for_for_ever(
    cut: Fault,
    polls_that_read: PollsThatRead,
    store: AccountStore,
    freezer: FrozenDateTimeFactory,
    listed: ListedPump,
) -> None:
    """The reader tries four more times at growing intervals; a listing that is never right gets one more try each upload."""
    assert await polls_that_read(40) == [0, 1, 3, 7, 14]
    reading = store.read_progress(SERIAL)
    assert reading.last_complete_upload
    assert [one.at for one in reading.uploads] == [NOON]
    upload_later(freezer, listed)
    assert await polls_that_read(20) == [0, 1]
    cut.times = 0
    upload_later(freezer, listed)
    assert await polls_that_read(20) == [0]
    cut.times = None
    upload_later(freezer, listed)
    assert await polls_that_read(20) == [0, 1, 3, 7, 14]


@pytest.mark.parametrize(
    ("hidden", "named", "noted"),
    [
        (HOUR, {}, False),
        (6 * MINUTE, {}, True),
        (HOUR, {"maxDateOfEvents": "2099-01-01T00:00:00"}, True),
    ],
)
async def test_an_end_that_was_given_up_tells_nothing_of_the_clock(
    cut: Fault,
    polls_that_read: PollsThatRead,
    store: AccountStore,
    freezer: FrozenDateTimeFactory,
    listed: ListedPump,
    *,
    hidden: timedelta,
    named: dict[str, str],
    noted: bool,
) -> None:
    """An upload whose end stays missing is no evidence of the clock, unless minutes are missing or its date is impossible."""
    listed.overrides |= named
    for _ in range(3):
        upload_later(freezer, listed)
        cut.change = ending_by(datetime.now(UTC) - hidden)
        assert len(await polls_that_read(20)) > 1
    reading = store.read_progress(SERIAL)
    assert reading.last_complete_upload
    assert (len(reading.uploads) > 1) == noted


async def test_an_upload_that_follows_is_read_at_once(
    cut: Fault,
    polls_that_read: PollsThatRead,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
    listed: ListedPump,
) -> None:
    """A new upload is read at once, even while the end of an earlier one is still missing."""
    assert await polls_that_read(5) == [0, 1, 3]
    tandem.faults.clear()
    upload_later(freezer, listed)
    assert await polls_that_read(3) == [0]


async def test_another_pump_counts_as_not_read_meanwhile(
    cut: Fault,
    reader: AccountReader,
    tandem: SimulatedTandem,
    account: Account,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Another pump, too, is listed as not read to its end until its log is complete."""
    end = NOON + HOUR + timedelta(minutes=6)
    freezer.move_to(end)
    account.add_pump(pump_in_use(NOON, end, "44332211")).upload()
    pumper, _ = await reader.poll()
    assert reader.not_read_to_the_end(pumper) == {SERIAL}
    tandem.faults.clear()
    freezer.tick(POLL)
    pumper, _ = await reader.poll()
    assert reader.not_read_to_the_end(pumper) == set()
