"""What an account keeps: every event once, raw on disk, typed in memory, for five weeks."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.tconnectsync.nightscout.ledger import DayLedger
from custom_components.tconnectsync.store import (
    AccountStore,
    PumpStore,
    async_remove_store,
    hand_over_token,
    handed_over_token,
)
from custom_components.tconnectsync.tandem import Token
from custom_components.tconnectsync.tandem.events import RawEvent
from homeassistant.core import HomeAssistant

TODAY = date(2026, 5, 14)
ONE_DAY = timedelta(days=1)
SERIAL = "11223344"
ENTRY_ID = "an entry"
ADDRESS = "0123456789abcdef"


def event(
    number: int, time: str = "2026-05-14T12:00:00", **properties: Any
) -> RawEvent:
    """An event as it comes from Tandem."""
    return {
        "deviceAssignmentId": "1b493210-9336-4901-a329-a352775738c5",
        "eventCode": 279,
        "sequenceGroup": 0,
        "sequenceNumber": number,
        "pumpDateTime": time,
        "estimatedDateTime": f"{time}Z",
        "eventProperties": {
            "commandedRate": 800,
            "commandedRateSource": 1,
            "profileBasalRate": 800,
            **properties,
        },
    }


def numbers(store: PumpStore) -> list[int]:
    """Return the sequence numbers held."""
    return sorted(event.number for event in store.events())


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder and its folders."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    """Where the account is kept."""
    return Path(hass.config.path(".storage", "tconnectsync", ENTRY_ID))


async def reopened(hass: HomeAssistant) -> AccountStore:
    """Return what is kept of the account, as after a restart."""
    store = AccountStore(hass, ENTRY_ID)
    await store.async_load()
    return store


class TestPump:
    """The events of one pump."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> PumpStore:
        """An empty store."""
        return PumpStore(tmp_path / "pump")

    def test_nothing_is_held_at_first(self, store: PumpStore) -> None:
        """A new pump has no days, no events and nothing to load."""
        store.load()
        assert store.days == []
        assert store.newest_day is None
        assert store.events() == []

    def test_events_are_kept_by_pump_day(
        self, store: PumpStore, tmp_path: Path
    ) -> None:
        """Each day has its file, and is told when something comes for it."""
        raws = [event(1, "2026-05-13T23:59:59"), event(2, "2026-05-14T00:00:00")]
        assert store.add(raws) == {TODAY - ONE_DAY, TODAY}
        assert store.days == [TODAY - ONE_DAY, TODAY]
        names = [path.name for path in files_in(tmp_path)]
        assert names == ["2026-05-13.json", "2026-05-14.json"]

    def test_repeats_are_dropped(self, store: PumpStore, tmp_path: Path) -> None:
        """What is held already, or comes twice at once, is neither news nor written."""
        assert store.add([event(1), event(1), event(2)]) == {TODAY}
        written = files_in(tmp_path)[0].stat().st_mtime_ns
        assert store.add([event(2), event(1)]) == set()
        assert files_in(tmp_path)[0].stat().st_mtime_ns == written
        assert numbers(store) == [1, 2]

    def test_a_later_group_may_count_from_one_again(self, store: PumpStore) -> None:
        """The same number in another group is another event."""
        store.add([event(1), event(1) | {"sequenceGroup": 1}])
        assert len(store.events()) == 2

    def test_the_newest_day_is_that_of_the_log(self, store: PumpStore) -> None:
        """A clock that once ran ahead does not stick."""
        store.add([event(1, "2026-06-30T12:00:00"), event(2)])
        assert store.newest_day == TODAY

    def test_what_was_written_is_there_after_a_restart(
        self, store: PumpStore, tmp_path: Path
    ) -> None:
        """Typed as before."""
        store.add([event(1), event(2, "2026-05-13T08:00:00")])
        again = PumpStore(tmp_path / "pump")
        again.load()
        assert again.events() == store.events()
        assert not again.damaged

    def test_raw_events_are_given_without_padding(self, store: PumpStore) -> None:
        """As they came, but for what fills the line and what names the pump."""
        store.add([event(1, spare1=0, reserved=[], note=5)])
        (raw,) = store.raws(TODAY)
        assert raw == {
            "eventCode": 279,
            "sequenceGroup": 0,
            "sequenceNumber": 1,
            "pumpDateTime": "2026-05-14T12:00:00",
            "eventProperties": {
                "commandedRate": 800,
                "commandedRateSource": 1,
                "profileBasalRate": 800,
                "note": 5,
            },
        }
        assert store.raws(TODAY - ONE_DAY) == []

    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param({}, id="empty"),
            pytest.param(event(1) | {"pumpDateTime": "soon"}, id="without a time"),
            pytest.param(event(1, rate=2**70), id="a number beyond any file"),
            pytest.param(event(1, note="\ud800"), id="half a letter"),
        ],
    )
    def test_what_cannot_be_kept_is_counted(
        self, store: PumpStore, raw: RawEvent
    ) -> None:
        """One event that makes no sense does not keep the others out."""
        assert store.add([raw, event(2)]) == {TODAY}
        assert numbers(store) == [2]
        assert store.unreadable == 1

    def test_properties_need_not_be_any(self, store: PumpStore) -> None:
        """An event without properties is kept as that."""
        store.add([event(1) | {"eventProperties": None}])
        assert store.raws(TODAY)[0]["eventProperties"] is None

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b'{"version":2,"data":[]}',
            b'{"version":1,"data":[[279,0]]}',
            b'{"version":1,"data":7}',
        ],
    )
    def test_a_day_that_cannot_be_read_is_missed(
        self, store: PumpStore, tmp_path: Path, content: bytes
    ) -> None:
        """The other days are there; the day comes back when it is read again."""
        raws = [event(1, "2026-05-13T08:00:00"), event(2)]
        store.add(raws)
        damaged = tmp_path / "pump" / "2026-05-13.json"
        damaged.write_bytes(content)
        again = PumpStore(tmp_path / "pump")
        again.load()
        assert again.damaged
        assert again.days == [TODAY]
        assert damaged.with_suffix(".aside").read_bytes() == content
        assert again.add(raws) == {TODAY - ONE_DAY}
        assert numbers(again) == [1, 2]

    def test_five_weeks_are_kept(self, store: PumpStore, tmp_path: Path) -> None:
        """Older days go from memory and disk."""
        for number in range(40):
            store.add([event(number + 1, f"{TODAY - number * ONE_DAY}T12:00:00")])
        store.prune(store.oldest_to_keep(TODAY))
        assert store.days[0] == TODAY - 34 * ONE_DAY
        assert len(store.days) == len(files_in(tmp_path)) == 35

    def test_a_clock_that_ran_ahead_drops_nothing(self, store: PumpStore) -> None:
        """Days of the future do not count as the newest."""
        store.add([event(1), event(2, "2027-05-14T12:00:00")])
        store.prune(store.oldest_to_keep(TODAY))
        assert numbers(store) == [1, 2]

    def test_a_pump_that_fell_silent_keeps_its_last_weeks(
        self, store: PumpStore
    ) -> None:
        """Days count from the newest one."""
        store.add([event(1)])
        store.prune(store.oldest_to_keep(TODAY + 90 * ONE_DAY))
        assert numbers(store) == [1]


RAWS = [event(number, f"2026-05-{10 + number % 5}T12:00:00") for number in range(1, 11)]


@settings(max_examples=30)
@given(
    parts=st.lists(st.lists(st.sampled_from(RAWS)), max_size=6),
    rest=st.permutations(RAWS),
)
def test_order_and_repetition_do_not_matter(
    parts: list[list[RawEvent]], rest: list[RawEvent]
) -> None:
    """However the same events come, the same is held, now and after a restart."""
    with TemporaryDirectory() as folder:
        store = PumpStore(Path(folder))
        for part in [*parts, rest]:
            store.add(part)
        again = PumpStore(Path(folder))
        again.load()
        assert numbers(store) == numbers(again) == list(range(1, 11))


class TestAccount:
    """Everything of one entry."""

    async def test_notes_and_events_come_back(self, hass: HomeAssistant) -> None:
        """Whoever opens it again finds what was left."""
        store = await reopened(hass)
        assert (store.notes, store.pumps) == ({}, {})
        await store.run(store.pump(SERIAL).add, [event(1)])
        store.pump_notes(SERIAL)["last_upload"] = "2026-05-14T13:00:00+00:00"
        await store.async_save_notes()
        again = await reopened(hass)
        assert numbers(again.pump(SERIAL)) == [1]
        assert again.last_upload(SERIAL) == datetime(2026, 5, 14, 13, tzinfo=UTC)
        assert again.last_upload("another") is None

    async def test_no_path_names_the_pump(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """Paths get into logs, serial numbers must not."""
        store = await reopened(hass)
        await store.run(store.pump(SERIAL).add, [event(1)])
        assert files_in(folder)
        assert not [path for path in files_in(folder) if SERIAL in str(path)]

    async def test_everything_is_private(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """Health data is nobody else's."""
        store = await reopened(hass)
        await store.run(store.pump(SERIAL).add, [event(1)])
        await store.async_save_notes()
        await store.ledger(ADDRESS).save(TODAY, DayLedger())
        found = files_in(folder)
        assert len(found) == 3
        assert {path.stat().st_mode & 0o777 for path in found} == {0o600}
        assert {path.parent.stat().st_mode & 0o777 for path in found} == {0o700}
        assert folder.stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize("content", ["", '{"version":1,"data":[]}'])
    async def test_notes_that_cannot_be_read(
        self, hass: HomeAssistant, folder: Path, content: str
    ) -> None:
        """Without them the account begins anew; events that nothing is noted of are read again."""
        store = await reopened(hass)
        await store.run(store.pump(SERIAL).add, [event(1)])
        store.pump_notes(SERIAL)
        await store.async_save_notes()
        (folder / "account.json").write_text(content)
        again = await reopened(hass)
        assert again.notes == {}
        assert again.pumps == {}
        assert [path for path in files_in(folder) if "events" in path.parts] == []

    async def test_a_lost_day_is_not_forgotten_over_a_crash(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """Whether or not it could be read again before, nothing is compared as if it were held."""
        store = await reopened(hass)
        await store.run(store.pump(SERIAL).add, [event(1)])
        notes = store.pump_notes(SERIAL)
        notes["read"] = [None, None, None]
        notes["read_from"] = notes["swept"] = "2026-05-01"
        notes["last_upload"] = "2026-05-14T13:00:00+00:00"
        await store.async_save_notes()
        (day,) = folder.glob("events/*/*.json")
        day.write_text("damaged")
        assert (await reopened(hass)).pump(SERIAL).damaged
        crashed = await reopened(hass)
        assert not crashed.pump(SERIAL).damaged
        assert crashed.pump_notes(SERIAL) == {
            "last_upload": "2026-05-14T13:00:00+00:00"
        }

    async def test_what_a_crash_left_half_written_goes(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """Files that were never finished are not kept for ever."""
        store = await reopened(hass)
        await store.async_save_notes()
        (folder / "tmp1a2b3c").write_text("half of it")
        await reopened(hass)
        assert [path.name for path in files_in(folder)] == ["account.json"]

    async def test_removal(self, hass: HomeAssistant, folder: Path) -> None:
        """Nothing stays of an entry that is removed."""
        store = await reopened(hass)
        await store.run(store.pump(SERIAL).add, [event(1)])
        await store.async_save_notes()
        await async_remove_store(hass, ENTRY_ID)
        assert not folder.exists()

    async def test_closing_waits_for_what_is_being_written(
        self, hass: HomeAssistant
    ) -> None:
        """Work goes on when nobody waits for it any more, and is through before the entry is."""
        store = await reopened(hass)
        await store.async_close()
        go_on = Event()
        done: list[bool] = []

        def work() -> None:
            go_on.wait(5)
            done.append(True)

        task = hass.async_create_task(store.run(work))
        await asyncio.sleep(0)
        task.cancel()
        hass.loop.call_later(0.05, go_on.set)
        await store.async_close()
        assert done == [True]


class TestLedger:
    """What one Nightscout address was given."""

    async def test_days_come_back(self, hass: HomeAssistant) -> None:
        """Each address has its own."""
        store = await reopened(hass)
        ledger = store.ledger(ADDRESS)
        assert await ledger.load(TODAY) is None
        await ledger.save(TODAY, DayLedger())
        assert await ledger.load(TODAY) == DayLedger()
        assert await store.ledger("another").load(TODAY) is None

    async def test_a_damaged_day_is_moved_aside(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """It is rebuilt from Nightscout."""
        ledger = (await reopened(hass)).ledger(ADDRESS)
        await ledger.save(TODAY, DayLedger())
        (path,) = files_in(folder)
        path.write_text('{"version":1,"data":"nonsense"}')
        assert await ledger.load(TODAY) is None
        assert [found.suffix for found in files_in(folder)] == [".aside"]

    async def test_old_days_go(self, hass: HomeAssistant) -> None:
        """What is no longer compared is forgotten."""
        ledger = (await reopened(hass)).ledger(ADDRESS)
        for day in (TODAY - ONE_DAY, TODAY):
            await ledger.save(day, DayLedger())
        await ledger.prune(TODAY)
        assert await ledger.load(TODAY - ONE_DAY) is None
        assert await ledger.load(TODAY) is not None


async def test_a_token_is_handed_over_once(hass: HomeAssistant) -> None:
    """The sign-in of a flow serves the set-up after it, and nobody later."""
    token = Token(
        access_token="secret",
        expires_at=datetime(2026, 5, 14, tzinfo=UTC),
        pumper_id="pumper",
        account_id="account",
    )
    assert handed_over_token(hass, "account") is None
    hand_over_token(hass, token)
    assert handed_over_token(hass, "another") is None
    assert handed_over_token(hass, None) is None
    assert handed_over_token(hass, "account") == token
    assert handed_over_token(hass, "account") is None
