"""Reading the last weeks again once a day for events that arrived late."""

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.read.account_reader import AccountReader
from custom_components.tconnectsync.read.late_data_reader import LateDataReader
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.tandem import TandemBusy
from demo.tandem import Fault, SimulatedTandem
from demo.tandem.account import Account, ListedPump
from homeassistant.core import HomeAssistant

from .account_reading import HOUR, NOON, ONE_DAY, TODAY, asked, pump_in_use, read_again

pytestmark = pytest.mark.usefixtures("no_pauses_between_reads")


async def test_four_weeks_once_a_day(
    late_data: LateDataReader,
    reader: AccountReader,
    tandem: SimulatedTandem,
    store: AccountStore,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The first read is due at once, the next ones once a day."""
    pumper, _ = await reader.poll()
    asked(tandem)
    assert late_data.is_due(pumper)
    assert await late_data.read(pumper) == TODAY - 28 * ONE_DAY
    assert read_again(asked(tandem)) == (TODAY - 28 * ONE_DAY, TODAY + ONE_DAY)
    assert store.read_progress("11223344").complete_from == TODAY - 28 * ONE_DAY
    freezer.tick(23 * HOUR)
    assert not late_data.is_due(pumper)
    freezer.tick(HOUR)
    assert late_data.is_due(pumper)
    assert await late_data.read(pumper) is None


async def test_a_clock_that_was_ahead(
    late_data: LateDataReader,
    reader: AccountReader,
    store: AccountStore,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A time in the future that this machine noted delays nothing once its clock is right again."""
    pumper, _ = await reader.poll()
    freezer.tick(400 * ONE_DAY)
    await late_data.read(pumper)
    freezer.tick(-400 * ONE_DAY)
    assert late_data.is_due(pumper)
    await late_data.read(pumper)
    freezer.tick(23 * HOUR)
    assert not late_data.is_due(pumper)


async def test_late_events_are_found(
    late_data: LateDataReader,
    reader: AccountReader,
    listed: ListedPump,
    store: AccountStore,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Events that arrived days late without any sign are found, and their day is reported as changed."""
    pumper, _ = await reader.poll()
    await late_data.read(pumper)
    day = TODAY - 5 * ONE_DAY
    first = next(
        raw for raw in listed.pump.events if raw["pumpDateTime"][:10] == str(day)
    )
    listed._days[str(day)].append(  # noqa: SLF001 - late, and seen nowhere else
        {**first, "sequenceNumber": first["sequenceNumber"] - 1}
    )
    assert (await reader.poll())[1] is None
    freezer.tick(ONE_DAY)
    held = len(store.event_stores["11223344"].events())
    assert await late_data.read(pumper) == day
    assert len(store.event_stores["11223344"].events()) == held + 1


async def test_error_is_not_answered_with_haste(
    late_data: LateDataReader,
    reader: AccountReader,
    tandem: SimulatedTandem,
    store: AccountStore,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Days read before an error are stored and reported with the next read; the rest waits an hour."""
    pumper, _ = await reader.poll()
    tandem.faults.add(Fault(path="/pump-logs/", status=503, skip=8))
    with pytest.raises(TandemBusy):
        await late_data.read(pumper)
    assert not late_data.is_due(pumper)
    assert (await reader.poll())[1] == TODAY - 8 * ONE_DAY
    freezer.tick(HOUR)
    assert late_data.is_due(pumper)
    assert await late_data.read(pumper) == TODAY - 28 * ONE_DAY
    assert store.read_progress("11223344").late_data_read_at


async def test_a_pump_that_answers_leave_out(
    late_data: LateDataReader,
    reader: AccountReader,
    account: Account,
    store: AccountStore,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Its log may be refused and the others are read all the same; if it is the only pump, no read is due."""
    other = account.add_pump(pump_in_use(NOON - ONE_DAY, NOON - HOUR, "44332211"))
    other.upload()
    await reader.poll()
    left_out = account.pumps.pop(0)
    pumper, _ = await reader.poll()
    assert [pump.serial_number for pump in pumper.pumps] == ["44332211", "11223344"]
    assert late_data.is_due(pumper)
    await late_data.read(pumper)
    assert store.read_progress("44332211").late_data_read_at
    assert not store.read_progress("11223344").late_data_read_at
    freezer.tick(HOUR)
    assert not late_data.is_due(pumper)
    account.pumps.insert(0, left_out)
    pumper, _ = await reader.poll()
    assert late_data.is_due(pumper)
    await late_data.read(pumper)
    assert store.read_progress("11223344").late_data_read_at


async def test_one_at_a_time(
    late_data: LateDataReader, reader: AccountReader, hass: HomeAssistant
) -> None:
    """While one read runs, no other is due."""
    pumper, _ = await reader.poll()
    sweep = hass.async_create_task(late_data.read(pumper))
    assert not late_data.is_due(pumper)
    await sweep
