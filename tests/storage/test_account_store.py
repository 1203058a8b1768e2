"""The files of an account, and how they survive crashes and damage."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from custom_components.tconnectsync.nightscout.ledger import DayLedger
from custom_components.tconnectsync.storage.account_state import AccountState
from custom_components.tconnectsync.storage.account_store import (
    AccountStore,
    async_remove_store,
)
from custom_components.tconnectsync.storage.read_progress import PumpReadProgress
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.raw_events import event, files_in, numbers

TODAY = date(2026, 5, 14)
ONE_DAY = timedelta(days=1)
SERIAL = "11223344"
ENTRY_ID = "an entry"
ADDRESS = "0123456789abcdef"
UPLOAD = datetime(2026, 5, 14, 13, tzinfo=UTC)


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    """The folder of the account."""
    return Path(hass.config.path(".storage", "tconnectsync", ENTRY_ID))


async def reopened(hass: HomeAssistant) -> AccountStore:
    """Return the store of the account as after a restart."""
    store = AccountStore(hass, ENTRY_ID)
    await store.async_load()
    return store


class TestAccount:
    """The store of one config entry."""

    async def test_notes_and_events_come_back(self, hass: HomeAssistant) -> None:
        """State and events are restored after a restart."""
        store = await reopened(hass)
        assert (store.state, store.event_stores) == (AccountState(), {})
        await store.run(store.event_store(SERIAL).add, [event(1)])
        store.read_progress(SERIAL).last_upload = UPLOAD
        await store.async_save()
        again = await reopened(hass)
        assert numbers(again.event_store(SERIAL)) == [1]
        assert again.last_upload(SERIAL) == UPLOAD
        assert again.last_upload("another") is None

    async def test_no_path_names_the_pump(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """Paths appear in logs; serial numbers must not."""
        store = await reopened(hass)
        await store.run(store.event_store(SERIAL).add, [event(1)])
        assert files_in(folder)
        assert not [path for path in files_in(folder) if SERIAL in str(path)]

    async def test_everything_is_private(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """Health data is readable by the owner only."""
        store = await reopened(hass)
        await store.run(store.event_store(SERIAL).add, [event(1)])
        await store.async_save()
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
        """The account starts with an empty state, and events without state are deleted and read again."""
        store = await reopened(hass)
        await store.run(store.event_store(SERIAL).add, [event(1)])
        store.read_progress(SERIAL)
        await store.async_save()
        (folder / "account.json").write_text(content)
        again = await reopened(hass)
        assert again.state == AccountState()
        assert again.event_stores == {}
        assert [path for path in files_in(folder) if "events" in path.parts] == []

    async def test_a_lost_day_is_not_forgotten_over_a_crash(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """Over a crash the day stays lost, and no day is compared as if its events were stored."""
        store = await reopened(hass)
        await store.run(store.event_store(SERIAL).add, [event(1)])
        reading = store.read_progress(SERIAL)
        reading.last_complete_upload = (None, None, None)
        reading.complete_from, reading.late_data_read_at = date(2026, 5, 1), UPLOAD
        reading.last_upload = UPLOAD
        await store.async_save()
        (day,) = folder.glob("events/*/*.json")
        day.write_text("damaged")
        assert (await reopened(hass)).event_store(SERIAL).damaged
        crashed = await reopened(hass)
        assert crashed.event_store(SERIAL).damaged
        assert crashed.read_progress(SERIAL) == PumpReadProgress(
            last_upload=UPLOAD, highest_counts={date(2026, 5, 14): 1}
        )

    async def test_what_a_crash_left_half_written_goes(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """Unfinished temporary files are deleted; files of others stay."""
        store = await reopened(hass)
        await store.async_save()
        (folder / "tmp1a2b3c").write_text("half of it")
        (folder / "tmp-of-somebody").mkdir()
        (folder / "tmp-of-somebody" / "notes").write_text("not ours")
        await reopened(hass)
        assert {path.name for path in files_in(folder)} == {"account.json", "notes"}

    async def test_removal(self, hass: HomeAssistant, folder: Path) -> None:
        """A removed entry leaves no files."""
        store = await reopened(hass)
        await store.run(store.event_store(SERIAL).add, [event(1)])
        await store.async_save()
        await async_remove_store(hass, ENTRY_ID)
        assert not folder.parent.exists()

    async def test_closing_waits_for_what_is_being_written(
        self, hass: HomeAssistant
    ) -> None:
        """Closing waits for work whose caller was cancelled."""
        store = await reopened(hass)
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

    async def test_closing_writes_what_is_noted(self, hass: HomeAssistant) -> None:
        """The state at closing is there when the store is opened again."""
        store = await reopened(hass)
        store.state.pending.add(TODAY)
        await store.async_close()
        assert (await reopened(hass)).state.pending.first == TODAY

    async def test_once_closed_it_takes_nothing_more(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """A closed store refuses to write, so that it cannot overwrite the files of its successor."""
        store = await reopened(hass)
        await store.async_save()
        await store.async_close()
        store.state.pending.add(TODAY)
        for late in (
            store.async_save(),
            store.run(store.event_store(SERIAL).add, [event(1)]),
            store.ledger(ADDRESS).save(TODAY, DayLedger()),
            store.ledger(ADDRESS).prune(TODAY),
        ):
            with pytest.raises(HomeAssistantError) as refused:
                await late
            assert refused.value.translation_key == "unloaded"
        assert [path.name for path in files_in(folder)] == ["account.json"]
        assert (await reopened(hass)).state == AccountState()

    async def test_notes_are_written_when_they_changed(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """An unchanged state is not written again."""
        store = await reopened(hass)
        store.state.pending.add(TODAY)
        await store.async_save()
        for known in (store, await reopened(hass)):
            (folder / "account.json").chmod(0o640)
            await known.async_save()
            assert (folder / "account.json").stat().st_mode & 0o777 == 0o640
        store.state.pending.add(TODAY - ONE_DAY)
        await store.async_save()
        assert (folder / "account.json").stat().st_mode & 0o777 == 0o600


class TestLedger:
    """The ledger of the documents that one Nightscout address received."""

    async def test_days_come_back(self, hass: HomeAssistant) -> None:
        """Each address has its own days."""
        store = await reopened(hass)
        ledger = store.ledger(ADDRESS)
        assert await ledger.load(TODAY) is None
        await ledger.save(TODAY, DayLedger())
        assert await ledger.load(TODAY) == DayLedger()
        assert await store.ledger("another").load(TODAY) is None

    async def test_a_damaged_day_is_moved_aside(
        self, hass: HomeAssistant, folder: Path
    ) -> None:
        """The ledger is rebuilt from Nightscout."""
        ledger = (await reopened(hass)).ledger(ADDRESS)
        await ledger.save(TODAY, DayLedger())
        (path,) = files_in(folder)
        path.write_text('{"version":1,"data":"nonsense"}')
        assert await ledger.load(TODAY) is None
        assert [found.suffix for found in files_in(folder)] == [".aside"]

    async def test_old_days_go(self, hass: HomeAssistant) -> None:
        """Days too old to compare are deleted."""
        ledger = (await reopened(hass)).ledger(ADDRESS)
        for day in (TODAY - ONE_DAY, TODAY):
            await ledger.save(day, DayLedger())
        await ledger.prune(TODAY)
        assert await ledger.load(TODAY - ONE_DAY) is None
        assert await ledger.load(TODAY) is not None
