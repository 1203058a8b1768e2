"""AccountReader reads an account with few, small requests and misses nothing."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.read.account_reader import AccountReader
from custom_components.tconnectsync.read.late_data_reader import LateDataReader
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.tandem import TandemBusy, TandemChanged
from demo.pump import SimulatedPump
from demo.tandem import Fault, SimulatedTandem
from demo.tandem.account import Account, ListedPump, utc_stamp
from demo.tandem.faults import with_field
from homeassistant.core import HomeAssistant
from tests.account import upload_later

from .account_reading import (
    HOUR,
    NOON,
    ONE_DAY,
    TODAY,
    MakeReader,
    asked,
    pump_in_use,
    read_again,
)

pytestmark = pytest.mark.usefixtures("no_pauses_between_reads")


class TestPoll:
    """The poll every five minutes."""

    @pytest.mark.parametrize(
        ("first_days", "first"), [(1, 2), (2, 3), (7, 8), (27, 28), (90, 28)]
    )
    async def test_the_first_read(
        self,
        make_reader: MakeReader,
        tandem: SimulatedTandem,
        store: AccountStore,
        first_days: int,
        first: int,
    ) -> None:
        """The first read covers the days to send first and one day of context, two days at least."""
        pumper, changed = await make_reader(first_days=first_days).poll()
        assert read_again(asked(tandem)) == (TODAY - first * ONE_DAY, TODAY + ONE_DAY)
        assert changed == TODAY - min(first, 8) * ONE_DAY
        kept = store.event_stores["11223344"]
        assert kept.days[0] == TODAY - min(first, 8) * ONE_DAY
        assert store.read_progress("11223344").complete_from == TODAY - first * ONE_DAY
        assert store.state.pumper.answer == pumper.answer

    async def test_nothing_new_is_one_request(
        self, reader: AccountReader, tandem: SimulatedTandem
    ) -> None:
        """A poll requests no log while the pump has not uploaded."""
        await reader.poll()
        tandem.requests.clear()
        _, changed = await reader.poll()
        assert changed is None
        assert [seen.path.split("/")[-2] for seen in tandem.requests] == ["pumper"]

    async def test_an_upload_is_read_from_two_days_before(
        self,
        reader: AccountReader,
        tandem: SimulatedTandem,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """A read starts two days before the last known upload, because late events arrive with new ones."""
        await reader.poll()
        asked(tandem)
        upload_later(freezer, listed)
        _, changed = await reader.poll()
        assert changed == TODAY
        assert read_again(asked(tandem)) == (TODAY - 2 * ONE_DAY, TODAY + ONE_DAY)

    async def test_late_events_of_yesterday(
        self,
        reader: AccountReader,
        listed: ListedPump,
        pump: SimulatedPump,
        store: AccountStore,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Events delivered later than newer ones are stored after the next poll."""
        pump.run_for(hours=1)
        freezer.tick(HOUR)
        bolus = pump.give_bolus(1.0)
        pump.run_for(hours=1)
        freezer.tick(HOUR)
        listed.upload(
            hold_back=lambda raw: raw["eventProperties"].get("bolusId") == bolus
        )
        await reader.poll()
        held = len(store.event_stores["11223344"].events())
        late = len(listed.held_back)
        freezer.tick(HOUR)
        listed.upload()
        _, changed = await reader.poll()
        assert changed == TODAY
        assert len(store.event_stores["11223344"].events()) == held + late

    async def test_other_settings_alone_are_read(
        self, reader: AccountReader, tandem: SimulatedTandem, listed: ListedPump
    ) -> None:
        """Changed settings mean that the pump uploaded, perhaps with events, so the log is read."""
        await reader.poll()
        asked(tandem)
        assert isinstance(listed.pump, SimulatedPump)
        listed.pump.setup.max_bolus = 10000
        listed.upload(at=listed.last_upload)
        await reader.poll()
        assert asked(tandem)

    async def test_after_an_outage_everything_between_is_read(
        self,
        reader: AccountReader,
        tandem: SimulatedTandem,
        listed: ListedPump,
        store: AccountStore,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """After an outage the read starts two days before the newest stored event."""
        await reader.poll()
        asked(tandem)
        upload_later(freezer, listed, 10 * ONE_DAY)
        await reader.poll()
        assert read_again(asked(tandem)) == (TODAY - 2 * ONE_DAY, TODAY + 11 * ONE_DAY)
        assert store.read_progress("11223344").complete_from == TODAY - 2 * ONE_DAY

    async def test_a_sweep_that_meets_a_backlog_leaves_nothing_out(
        self,
        reader: AccountReader,
        listed: ListedPump,
        store: AccountStore,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """A read of late data covers the last days only; the poll after it still reads the backlog before them."""
        pumper, _ = await reader.poll()
        upload_later(freezer, listed, 6 * ONE_DAY)
        newest = TODAY + 6 * ONE_DAY
        await reader.read_again(pumper.pumps[0], newest - ONE_DAY, newest + ONE_DAY)
        await reader.poll()
        held = store.event_stores["11223344"].days
        assert {TODAY + n * ONE_DAY for n in range(7)} <= set(held)

    async def test_after_a_long_outage_the_last_weeks_are_read(
        self,
        reader: AccountReader,
        tandem: SimulatedTandem,
        listed: ListedPump,
        store: AccountStore,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Days older than the stored ones are left to a backfill and do not count as complete."""
        await reader.poll()
        asked(tandem)
        upload_later(freezer, listed, 50 * ONE_DAY)
        await reader.poll()
        first = TODAY + 50 * ONE_DAY - 34 * ONE_DAY
        assert read_again(asked(tandem)) == (first, TODAY + 51 * ONE_DAY)
        assert store.read_progress("11223344").complete_from == first
        assert store.event_stores["11223344"].days[0] == first

    async def test_five_weeks_are_kept(
        self,
        reader: AccountReader,
        listed: ListedPump,
        store: AccountStore,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Older days are deleted and no longer count as stored."""
        await reader.poll()
        for _ in range(3):
            upload_later(freezer, listed, 12 * ONE_DAY)
            await reader.poll()
        oldest = TODAY + 36 * ONE_DAY - 34 * ONE_DAY
        assert store.event_stores["11223344"].days[0] == oldest
        assert store.read_progress("11223344").complete_from == oldest

    async def test_a_pump_that_fell_silent_long_ago(
        self,
        reader: AccountReader,
        tandem: SimulatedTandem,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """The last days of the pump are read, not the last days of the calendar."""
        freezer.tick(90 * ONE_DAY)
        await reader.poll()
        assert read_again(asked(tandem)) == (TODAY - 2 * ONE_DAY, TODAY + ONE_DAY)

    async def test_the_greatest_upload_time_is_noted(
        self, reader: AccountReader, listed: ListedPump, store: AccountStore
    ) -> None:
        """An earlier upload time changes nothing, and one in the future is not an upload."""
        await reader.poll()
        for instant in (NOON - HOUR, NOON + 2 * ONE_DAY):
            listed.last_upload = instant
            await reader.poll()
            assert store.last_upload("11223344") == NOON

    async def test_a_moved_clock_dates_everything_anew(
        self,
        reader: AccountReader,
        listed: ListedPump,
        pump: SimulatedPump,
        store: AccountStore,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Each clock move is stored once and may change the date of every event."""
        await reader.poll()
        pump.move_clock(-HOUR)
        upload_later(freezer, listed)
        assert (await reader.poll())[1] == date.min
        upload_later(freezer, listed)
        assert (await reader.poll())[1] == TODAY
        assert [move[0] for move in store.read_progress("11223344").clock_changes] == [
            13
        ]

    async def test_an_account_without_pumps(
        self,
        late_data: LateDataReader,
        reader: AccountReader,
        account: Account,
        tandem: SimulatedTandem,
    ) -> None:
        """Without pumps the reader requests no log and is never due for late data."""
        account.pumps.clear()
        pumper, changed = await reader.poll()
        assert (pumper.pumps, changed) == ((), None)
        assert asked(tandem) == []
        assert not late_data.is_due(pumper)

    async def test_a_pump_that_never_uploaded(
        self, make_reader: MakeReader, account: Account, tandem: SimulatedTandem
    ) -> None:
        """No log is requested for this pump, even if the user chose it."""
        account.pumps.clear()
        account.add_pump(pump_in_use(NOON, NOON, "44332211"))
        for pinned in (None, "44332211"):
            _, changed = await make_reader(pinned).poll()
            assert changed is None
        assert asked(tandem) == []

    async def test_a_placeholder_date(
        self,
        make_reader: MakeReader,
        account: Account,
        tandem: SimulatedTandem,
    ) -> None:
        """A chosen pump whose newest event lies far ahead is read up to tomorrow and around the date of that event."""
        drawer = pump_in_use(NOON - HOUR, NOON, "44332211")
        account.add_pump(drawer, maxDateOfEvents="2038-01-01T00:00:00").upload()
        assert (await make_reader().poll())[0].pumps
        asked(tandem)
        await make_reader("44332211").poll()
        *now, ahead = asked(tandem)
        assert read_again(now) == (TODAY - 2 * ONE_DAY, TODAY + ONE_DAY)
        assert ahead == (date(2037, 12, 31), date(2038, 1, 2))


class TestSeveralPumps:
    """An account whose person has used several pumps."""

    @pytest.fixture
    def other(self, account: Account) -> ListedPump:
        """The previous pump, in use until a week ago and listed first."""
        end = NOON - 7 * ONE_DAY
        other = account.add_pump(pump_in_use(end - ONE_DAY, end, "44332211"))
        other.upload(at=end)
        account.pumps.reverse()
        return other

    async def test_all_that_were_in_use_lately_are_read(
        self,
        late_data: LateDataReader,
        reader: AccountReader,
        store: AccountStore,
        other: ListedPump,
    ) -> None:
        """The history of five weeks covers every pump that the person used."""
        pumper, _ = await reader.poll()
        await late_data.read(pumper)
        assert set(store.event_stores) == {"11223344", "44332211"}
        assert store.event_stores["44332211"].days == [
            TODAY - 8 * ONE_DAY,
            TODAY - 7 * ONE_DAY,
        ]

    async def test_a_pump_whose_date_is_missing_stays_in_use(
        self,
        reader: AccountReader,
        make_reader: MakeReader,
        other: ListedPump,
        listed: ListedPump,
    ) -> None:
        """One answer without the date does not make an older pump the pump in use."""
        await reader.poll()
        listed.overrides["maxDateOfEvents"] = None
        for one in (reader, make_reader()):
            pumper, _ = await one.poll()
            in_use = one.in_use(pumper)
            assert in_use
            assert in_use.serial_number == "11223344"
            assert one.not_read_to_the_end(pumper) == set()

    async def test_a_pump_that_is_listed_twice_is_read_once(
        self,
        reader: AccountReader,
        account: Account,
        tandem: SimulatedTandem,
        pump: SimulatedPump,
    ) -> None:
        """The newest upload counts; an older listing does not limit the log."""
        before = NOON - 2 * ONE_DAY
        account.add_pump(
            pump,
            lastUploadDate=utc_stamp(before),
            maxDateOfEvents=utc_stamp(before).removesuffix("Z"),
        ).upload()
        account.pumps.reverse()
        pumper, _ = await reader.poll()
        assert reader.not_read_to_the_end(pumper) == set()
        asked(tandem)
        for _ in range(2):
            _, changed = await reader.poll()
            assert changed is None
        assert asked(tandem) == []

    async def test_a_pump_of_long_ago_is_not_read(
        self,
        reader: AccountReader,
        store: AccountStore,
        other: ListedPump,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """A pump whose days are too old to store is not requested."""
        upload_later(freezer, listed, 30 * ONE_DAY)
        await reader.poll()
        assert set(store.event_stores) == {"11223344"}

    @pytest.mark.usefixtures("other")
    async def test_a_pump_that_is_no_longer_read_is_forgotten_in_the_end(
        self,
        late_data: LateDataReader,
        reader: AccountReader,
        store: AccountStore,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Its days expire like those of the pump in use; otherwise every replaced pump would stay forever."""
        pumper, _ = await reader.poll()
        await late_data.read(pumper)
        upload_later(freezer, listed, 27 * ONE_DAY)
        await reader.poll()
        assert store.event_stores["44332211"].days == [TODAY - 7 * ONE_DAY]
        upload_later(freezer, listed, ONE_DAY)
        await reader.poll()
        assert store.event_stores["44332211"].days == []

    async def test_a_chosen_pump_is_read_alone(
        self,
        make_reader: MakeReader,
        store: AccountStore,
        other: ListedPump,
    ) -> None:
        """A user who pins a pump gets the data of that pump only."""
        await make_reader("44332211").poll()
        assert set(store.event_stores) == {"44332211"}

    async def test_a_pump_that_cannot_be_read_holds_up_no_other(
        self,
        reader: AccountReader,
        tandem: SimulatedTandem,
        store: AccountStore,
        other: ListedPump,
    ) -> None:
        """Data of the pump in use is published even if the log of another pump cannot be read."""
        tandem.faults.add(Fault(path=other.pump.assignment_id, status=404))
        _, changed = await reader.poll()
        assert changed == TODAY - 2 * ONE_DAY
        assert store.event_stores["11223344"].events()
        assert store.read_progress("44332211").last_complete_upload is None
        await reader.poll()
        assert store.read_progress("44332211").last_complete_upload

    async def test_a_failing_sweep_holds_up_no_other(
        self,
        late_data: LateDataReader,
        reader: AccountReader,
        tandem: SimulatedTandem,
        store: AccountStore,
        other: ListedPump,
    ) -> None:
        """Late data of the pump in use is read first."""
        pumper, _ = await reader.poll()
        tandem.faults.add(Fault(path=other.pump.assignment_id, status=404, times=None))
        with pytest.raises(TandemChanged):
            await late_data.read(pumper)
        assert store.read_progress("11223344").late_data_read_at
        assert store.read_progress("44332211").late_data_read_at is None

    async def test_which_pumps_have_data_of_a_span(
        self, make_reader: MakeReader, other: ListedPump
    ) -> None:
        """The reader lists the pumps that have data of a span, for reads that store nothing."""
        reader = make_reader()
        pumper, _ = await reader.poll()

        def in_use(first: int, last: int, reader: AccountReader = reader) -> set[str]:
            days = (TODAY - first * ONE_DAY, TODAY - last * ONE_DAY)
            return {pump.serial_number for pump in reader.pumps_between(pumper, *days)}

        assert in_use(3, 0) == {"11223344"}
        assert in_use(8, 0) == {"11223344", "44332211"}
        assert in_use(20, 9) == set()
        assert in_use(3, 0, make_reader("44332211")) == {"44332211"}
        assert in_use(3, 0, make_reader("gone")) == set()

    async def test_how_far_back_tandem_reaches(
        self, make_reader: MakeReader, account: Account, other: ListedPump
    ) -> None:
        """The earliest day is the first day of any pump that counts."""
        reader = make_reader()
        pumper, _ = await reader.poll()
        assert reader.oldest_day(pumper) == TODAY - 8 * ONE_DAY
        other.overrides["availableDataRange"] = None
        pumper, _ = await reader.poll()
        assert reader.oldest_day(pumper) == date(2008, 1, 1)
        assert make_reader("11223344").oldest_day(pumper) == TODAY - 8 * ONE_DAY
        assert make_reader("gone").oldest_day(pumper) is None
        assert reader.oldest_day(replace(pumper, pumps=())) is None


class TestLeftOut:
    """Answers that leave out the pump in use do not make entities switch to another pump at once."""

    @pytest.fixture
    def other(self, account: Account) -> ListedPump:
        """A pump that was in use until an hour ago."""
        other = account.add_pump(pump_in_use(NOON - ONE_DAY, NOON - HOUR, "44332211"))
        other.upload()
        return other

    @pytest.mark.parametrize("pinned", [None, "11223344"])
    async def test_it_stays_in_use(
        self,
        make_reader: MakeReader,
        account: Account,
        other: ListedPump,
        pinned: str | None,
    ) -> None:
        """It stays in use, also over a restart, and nothing counts as changed."""
        reader = make_reader(pinned)
        before, _ = await reader.poll()
        in_use = reader.in_use(before)
        assert in_use
        assert in_use.serial_number == "11223344"
        left_out = account.pumps.pop(0)
        for one in (reader, make_reader(pinned)):
            pumper, changed = await one.poll()
            assert (one.in_use(pumper), changed) == (in_use, None)
        account.pumps.insert(0, left_out)
        assert await reader.poll() == (before, None)

    async def test_a_newer_one_takes_over(
        self,
        make_reader: MakeReader,
        account: Account,
        other: ListedPump,
        store: AccountStore,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """A newer pump takes over as usual, and the pump that is not listed is forgotten."""
        reader = make_reader()
        await reader.poll()
        del account.pumps[0]
        await reader.poll()
        upload_later(freezer, other, 2 * HOUR)
        pumper, _ = await reader.poll()
        assert [pump.serial_number for pump in pumper.pumps] == ["44332211"]
        assert store.state.pumper.answer == pumper.answer
        for one in (reader, make_reader()):
            assert await one.poll() == (pumper, None)

    async def test_of_the_only_pump(
        self, reader: AccountReader, account: Account
    ) -> None:
        """An answer that lists no pump does not end the use of the only one."""
        before, _ = await reader.poll()
        account.pumps.clear()
        assert await reader.poll() == (before, None)

    @pytest.mark.parametrize("pinned", [None, "11223344"])
    async def test_of_one_that_left_the_account(
        self,
        make_reader: MakeReader,
        account: Account,
        store: AccountStore,
        freezer: FrozenDateTimeFactory,
        pinned: str | None,
    ) -> None:
        """It stays in use for six hours after the last answer that listed it, and no longer, over a restart too."""
        reader = make_reader(pinned)
        await reader.poll()
        left_out = account.pumps.pop()
        await reader.poll()
        freezer.tick(5 * HOUR)
        account.pumps.append(left_out)
        before, _ = await reader.poll()
        account.pumps.clear()
        for _ in range(2):
            assert await reader.poll() == (before, None)
            freezer.tick(3 * HOUR)
        for one in (reader, make_reader(pinned)):
            pumper, _ = await one.poll()
            assert pumper.pumps == ()
            assert one.in_use(pumper) is None
            assert store.state.pumper.answer == pumper.answer

    async def test_another_one_is_in_use_once_it_left_the_account(
        self,
        reader: AccountReader,
        account: Account,
        other: ListedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """The other pump is in use then, although it uploads nothing newer."""
        await reader.poll()
        del account.pumps[0]
        await reader.poll()
        freezer.tick(6 * HOUR)
        pumper, _ = await reader.poll()
        in_use = reader.in_use(pumper)
        assert in_use
        assert in_use.serial_number == "44332211"

    @pytest.mark.parametrize("ahead", [11 * HOUR, 400 * ONE_DAY])
    async def test_a_clock_that_is_ahead_does_not_keep_it(
        self,
        reader: AccountReader,
        account: Account,
        other: ListedPump,
        freezer: FrozenDateTimeFactory,
        ahead: timedelta,
    ) -> None:
        """A pump that uploads is the pump in use, even if the clock of the missing pump shows a later time."""
        left_out = account.pumps[0]
        left_out.max_date = (NOON + ahead).replace(tzinfo=None).isoformat()
        freezer.tick(HOUR)
        left_out.upload()
        before, _ = await reader.poll()
        in_use = reader.in_use(before)
        assert in_use
        assert in_use.serial_number == "11223344"
        account.pumps.remove(left_out)
        upload_later(freezer, other)
        pumper, _ = await reader.poll()
        assert [pump.serial_number for pump in pumper.pumps] == ["44332211"]

    async def test_a_pinned_one_stays_while_another_uploads(
        self,
        make_reader: MakeReader,
        account: Account,
        other: ListedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """No other pump takes the place of a pinned one."""
        reader = make_reader("11223344")
        before, _ = await reader.poll()
        del account.pumps[0]
        upload_later(freezer, other, 2 * HOUR)
        pumper, _ = await reader.poll()
        assert reader.in_use(pumper) == reader.in_use(before)

    async def test_its_log_is_not_read(
        self,
        reader: AccountReader,
        account: Account,
        other: ListedPump,
        tandem: SimulatedTandem,
        store: AccountStore,
    ) -> None:
        """Tandem may refuse its log; the other pumps are read all the same."""
        await reader.poll()
        asked(tandem)
        del account.pumps[0]
        for serial_number in ("11223344", "44332211"):
            store.read_progress(serial_number).last_complete_upload = None
        pumper, _ = await reader.poll()
        paths = [seen.path for seen in tandem.requests if "/pump-logs/" in seen.path]
        assert paths
        assert all(other.pump.assignment_id in path for path in paths)
        in_use = reader.in_use(pumper)
        assert in_use
        assert in_use.serial_number == "11223344"


class TestErrors:
    """Answers that are missing or make no sense."""

    async def test_what_came_before_is_kept(
        self,
        make_reader: MakeReader,
        tandem: SimulatedTandem,
        store: AccountStore,
    ) -> None:
        """Pages read before an error are stored; the next poll repeats the read and reports them as changed."""
        reader = make_reader(first_days=7)
        tandem.faults.add(Fault(path="/pump-logs/", status=503, skip=1))
        with pytest.raises(TandemBusy):
            await reader.poll()
        kept = store.event_stores["11223344"]
        assert kept.days == [TODAY - n * ONE_DAY for n in (8, 7, 6)]
        assert store.read_progress("11223344").last_complete_upload is None
        assert store.state.pumper.answer is None
        _, changed = await reader.poll()
        assert changed == TODAY - 8 * ONE_DAY
        assert kept.days == [TODAY - n * ONE_DAY for n in range(8, -1, -1)]

    async def test_events_that_cannot_be_read_are_counted(
        self, reader: AccountReader, tandem: SimulatedTandem, store: AccountStore
    ) -> None:
        """Events that cannot be read are counted and do not affect the others."""

        def spoil(answer: dict[str, list[dict[str, object]]]) -> object:
            answer["events"][0]["sequenceNumber"] = None
            answer["events"][1]["pumpDateTime"] = "soon"
            return answer

        tandem.faults.add(Fault(path="/pump-logs/", change=spoil))
        await reader.poll()
        assert store.event_stores["11223344"].unreadable == 2

    async def test_an_answer_that_fits_no_file(
        self, reader: AccountReader, tandem: SimulatedTandem, store: AccountStore
    ) -> None:
        """An answer that cannot be saved is used now; after a restart the previous answer is used."""
        pumper, _ = await reader.poll()
        settings = with_field(
            "pumps", 0, "settings", "details", "odd", value=["\ud800", 2**70]
        )
        tandem.faults.add(Fault(path="/pumper/", change=settings))
        odd, _ = await reader.poll()
        assert odd.answer != pumper.answer
        assert store.state.pumper.answer == pumper.answer

    async def test_a_damaged_day_has_the_last_weeks_read_again(
        self, reader: AccountReader, tandem: SimulatedTandem, store: AccountStore
    ) -> None:
        """All stored days are read again, once, even though the pump uploaded nothing since."""
        await reader.poll()
        asked(tandem)
        store.event_stores["11223344"].lost_days = 1
        await reader.poll()
        assert read_again(asked(tandem)) == (TODAY - 34 * ONE_DAY, TODAY + ONE_DAY)
        await reader.poll()
        assert asked(tandem) == []

    async def test_a_day_damaged_while_it_is_read_is_read_again(
        self,
        hass: HomeAssistant,
        reader: AccountReader,
        tandem: SimulatedTandem,
        store: AccountStore,
        listed: ListedPump,
    ) -> None:
        """The day is read again at the next poll or after a restart; events in memory are not lost."""
        await reader.poll()
        kept = store.event_stores["11223344"]
        [file] = Path(hass.config.path(".storage")).rglob(f"{TODAY}.json")
        held = {event.key for event in kept.events()}
        file.write_text("damaged")
        assert isinstance(listed.pump, SimulatedPump)
        listed.pump.run_for(hours=1)
        fresh = len(listed.upload())
        await reader.poll()
        assert len(kept.events()) == len(held) + fresh
        held = {event.key for event in kept.events()}
        assert len(held) == len(kept.events())
        restarted = AccountStore(hass, "account")
        await restarted.async_load()
        assert restarted.read_progress("11223344").last_complete_upload is None
        asked(tandem)
        await reader.poll()
        assert asked(tandem)
        restarted = AccountStore(hass, "account")
        await restarted.async_load()
        assert held <= {
            event.key for event in restarted.event_stores["11223344"].events()
        }
        assert restarted.read_progress("11223344").last_complete_upload
        await reader.poll()
        assert asked(tandem) == []

    async def test_asking_with_codes(
        self, reader: AccountReader, tandem: SimulatedTandem
    ) -> None:
        """The reader reports whether Tandem insists on a list of event codes."""
        assert not reader.asks_with_codes
        tandem.faults.add(Fault(path="/pump-logs/", status=400))
        await reader.poll()
        assert reader.asks_with_codes


async def test_days_are_read_without_being_kept(
    reader: AccountReader, store: AccountStore
) -> None:
    """Days older than the stored ones can be read without storing them."""
    pumper, _ = await reader.poll()
    held = len(store.event_stores["11223344"].events())
    day = TODAY - 7 * ONE_DAY
    log = await reader.read_past(pumper.pumps[0], day, day)
    assert len(log.events) >= 288
    assert len(store.event_stores["11223344"].events()) == held
