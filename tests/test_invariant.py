"""Random uploads, errors, crashes and restarts lead to the same result as one undisturbed sync."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, example, given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync import statistics_import
from custom_components.tconnectsync.const import CONF_FEATURES, CONF_FIRST_DAYS
from custom_components.tconnectsync.read import late_data_reader
from custom_components.tconnectsync.statistics_series import SERIES
from custom_components.tconnectsync.storage import file_operations, private_files
from custom_components.tconnectsync.storage.file_operations import append_private
from custom_components.tconnectsync.therapy.state import derive_state
from demo.nightscout import SimulatedNightscout
from demo.nightscout.faults import (
    Fault as NightscoutFault,
    lost_answer,
    lost_request,
    null_answer,
    proxy_error,
    too_large,
)
from demo.nightscout.kinds import Version
from demo.pump import RawEvent, SimulatedPump
from demo.tandem import Fault as TandemFault, ListedPump, SimulatedTandem
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.statistics import async_add_external_statistics
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util.file import WriteError, write_utf8_file_atomic

from .account import add_entry, settle
from .conftest import API_SECRET, TIME_ZONE
from .undisturbed import FEATURES, all_that_happened, assert_in_step, assert_recorded

pytestmark = [
    pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads"),
    pytest.mark.recorded_series(*SERIES),
]

FIRST_DAYS = 5
PASSWORD = "a password of the tests"
ACCOUNTS = count(1)

TANDEM_FAULTS: tuple[Callable[[], TandemFault], ...] = (
    lambda: TandemFault(path="/pump-logs/", status=500, times=2),
    lambda: TandemFault(path="/pump-logs/", status=403, body="<html>blocked</html>"),
    lambda: TandemFault(path="/pump-logs/", cut=3000),
    lambda: TandemFault(path="/pump-logs/", truncate=20000),
    lambda: TandemFault(path="/pumper/", status=502, body="<html>bad gateway</html>"),
    lambda: TandemFault(path="/api/reports", status=401),
)
NIGHTSCOUT_FAULTS: tuple[Callable[[], NightscoutFault], ...] = (
    lost_answer,
    lost_request,
    null_answer,
    too_large,
    lambda: proxy_error(status=502, times=3),
    lambda: lost_answer("treatments", times=2),
    lambda: NightscoutFault(
        status=503, carried_out=True, method="POST", body="<html></html>", times=1
    ),
)


class Crash(WriteError):
    """An error that stands for the end of the process."""


class Dies(StrEnum):
    """The moment of a crash."""

    BEFORE = "before a write"
    WITHIN = "while it is on its way, if half of it can be there"
    AFTER = "after it"


@dataclass(frozen=True, kw_only=True)
class Step:
    """An upload, and the faults until the next step."""

    share: int
    """Share of the remaining log that is uploaded (%)."""
    late: int
    """Each event whose number is divisible by this is uploaded later; 0 for none."""
    tandem: int | None
    nightscout: int | None
    skip: int
    """Requests that still succeed before the faults start."""
    crash: tuple[int, Dies] | None
    """The number of the write that crashes, and the moment."""
    restart: bool


@dataclass(frozen=True, kw_only=True)
class Life:
    """A pump's days, and the way they are uploaded."""

    seed: int
    hours: int
    moved: int
    """Minutes by which the user moved the clock forward after two thirds of the time."""
    new_group: bool
    version: Version
    steps: list[Step]
    restarted: bool
    """Whether the integration is restarted before the last sync."""


def faults(number: int) -> st.SearchStrategy[int | None]:
    """Return a strategy that yields no fault or a fault's index."""
    return st.none() | st.integers(0, number - 1)


lives = st.builds(
    Life,
    seed=st.integers(0, 999),
    hours=st.integers(20, 70),
    moved=st.sampled_from([0, 0, 60, -60, 210]),
    new_group=st.booleans(),
    version=st.sampled_from(["15.0.6", "15.0.7"]),
    steps=st.lists(
        st.builds(
            Step,
            share=st.sampled_from([0, 10, 40, 70, 100]),
            late=st.sampled_from([0, 0, 2, 3, 7]),
            tandem=faults(len(TANDEM_FAULTS)),
            nightscout=faults(len(NIGHTSCOUT_FAULTS)),
            skip=st.integers(0, 5),
            crash=st.none() | st.tuples(st.integers(1, 25), st.sampled_from(Dies)),
            restart=st.booleans(),
        ),
        min_size=1,
        max_size=4,
    ),
    restarted=st.booleans(),
)


def pump_of(life: Life, now: datetime) -> SimulatedPump:
    """Return a pump that has run until now."""
    start = now - timedelta(hours=life.hours)
    pump = SimulatedPump(
        start=start,
        time_zone=ZoneInfo(TIME_ZONE),
        seed=life.seed,
        serial_number=f"{10_000_000 + life.seed}",
    )
    pump.run_until(start + timedelta(hours=life.hours / 3))
    if life.new_group:
        pump.restart_sequence()
    pump.run_until(start + timedelta(hours=2 * life.hours / 3))
    if life.moved:
        pump.move_clock(timedelta(minutes=life.moved))
    pump.run_until(now)
    return pump


def held_back(every: int) -> Callable[[RawEvent], bool] | None:
    """Return a condition for the events that are not uploaded yet."""
    return (lambda event: event["sequenceNumber"] % every == 0) if every else None


class Process:
    """The integration in a Home Assistant that a test can kill at any write."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        tandem: SimulatedTandem,
        nightscout: SimulatedNightscout,
    ) -> None:
        """Take an account that has not been set up."""
        self._hass = hass
        self._entry = entry
        self._servers = tandem, nightscout
        self._writes = 0
        self._crash: tuple[int, Dies] | None = None
        self.dead = False

    def dies_at(self, crash: tuple[int, Dies] | None) -> None:
        """Crash at one of the next writes, or at none."""
        self._writes, self._crash = 0, crash

    async def start(self) -> None:
        """Start with the stored data unless it is already running."""
        if self.dead:
            await self.stop()
            for server in self._servers:
                server.faults.clear()
            self.dead = False
        if self._entry.state is ConfigEntryState.LOADED:
            return
        if self._entry.state is not ConfigEntryState.NOT_LOADED:
            await self.stop()
        await self._hass.config_entries.async_setup(self._entry.entry_id)
        await settle(self._hass)

    async def stop(self) -> None:
        """Unload the account."""
        await self._hass.config_entries.async_unload(self._entry.entry_id)
        await settle(self._hass)

    async def poll(self) -> None:
        """Poll if the account is loaded."""
        if self._entry.state is ConfigEntryState.LOADED:
            await self._entry.runtime_data.coordinator.async_refresh()
            await settle(self._hass)

    async def sync(self) -> None:
        """Sync as a user does, without waiting for the next retry."""
        await self._entry.runtime_data.follow_ups.async_sync()
        await settle(self._hass)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Count all writes, and crash at the chosen one, so that nothing more is written or sent."""

        def dying(write: Callable[..., Any]) -> Callable[..., Any]:
            def wrapped(*arguments: Any, **named: Any) -> Any:
                self._writes += 1
                number, when = self._crash or (0, Dies.BEFORE)
                if self._writes == number:
                    if when is Dies.AFTER:
                        write(*arguments, **named)
                    elif when is Dies.WITHIN and write is append_private:
                        path, content, end = arguments
                        write(path, content[: len(content) // 2], end)
                    self._die()
                if self.dead:
                    raise Crash("dead")
                return write(*arguments, **named)

            return wrapped

        with (
            patch.object(
                file_operations, "write_utf8_file_atomic", dying(write_utf8_file_atomic)
            ),
            patch.object(private_files, "append_private", dying(append_private)),
            patch.object(
                statistics_import,
                "async_add_external_statistics",
                dying(async_add_external_statistics),
            ),
            patch.object(
                Recorder,
                "async_adjust_statistics",
                dying(Recorder.async_adjust_statistics),
            ),
        ):
            yield

    def _die(self) -> None:
        self.dead = True
        tandem, nightscout = self._servers
        tandem.faults.rules.insert(0, TandemFault(cut=0, times=None))
        nightscout.faults.rules.insert(0, lost_request(times=None))


@pytest.fixture(autouse=True)
def crashes_are_no_errors(hass: HomeAssistant) -> None:
    """Ignore tasks that fail because the process has crashed."""
    handle_others = hass.loop.get_exception_handler()
    assert handle_others is not None

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), Crash):
            handle_others(loop, context)

    hass.loop.set_exception_handler(handle)


async def live_through(hass: HomeAssistant, life: Life) -> None:
    """Apply all steps, then compare the results with the undisturbed ones."""
    now = datetime.now(UTC).replace(microsecond=0)
    pump = pump_of(life, now)
    email = f"account{next(ACCOUNTS)}@example.org"
    tandem = SimulatedTandem(demands_browser=True)
    listed = tandem.add_account(email, PASSWORD).add_pump(pump)
    nightscout = SimulatedNightscout(
        api_secret=API_SECRET, version=life.version, refusal_delay=0
    )
    await tandem.start()
    await nightscout.start()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TCONNECTSYNC_DEMO_URL", tandem.url)
        entry = add_entry(
            hass, tandem, {CONF_FEATURES: FEATURES}, nightscout=nightscout, email=email
        )
        hass.config_entries.async_update_entry(
            entry, data=entry.data | {CONF_FIRST_DAYS: FIRST_DAYS}
        )
        process = Process(hass, entry, tandem, nightscout)
        uploaded = now - timedelta(hours=life.hours)
        try:
            with (
                process.writing(),
                patch.object(late_data_reader, "RETRY_AFTER", timedelta()),
            ):
                for step in life.steps:
                    uploaded += (now - uploaded) * step.share / 100
                    listed.upload(uploaded, hold_back=held_back(step.late), at=uploaded)
                    if step.tandem is not None:
                        fault = tandem.faults.add(TANDEM_FAULTS[step.tandem]())
                        fault.skip = step.skip
                    if step.nightscout is not None:
                        nightscout.faults.add(
                            NIGHTSCOUT_FAULTS[step.nightscout]()
                        ).skip = step.skip
                    process.dies_at(step.crash)
                    await process.start()
                    await process.poll()
                    if step.restart and not process.dead:
                        await process.stop()
                process.dies_at(None)
                tandem.faults.clear()
                nightscout.faults.clear()
                listed.upload(at=now)
                if life.restarted:
                    await process.stop()
                with patch.object(late_data_reader, "READ_EVERY", timedelta()):
                    await process.start()
                    await process.sync()
                await compare(hass, entry, listed, nightscout, life.version)
        finally:
            await hass.config_entries.async_remove(entry.entry_id)
            await settle(hass)
            await tandem.stop()
            await nightscout.stop()


async def compare(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    listed: ListedPump,
    nightscout: SimulatedNightscout,
    version: Version,
) -> None:
    """Compare all results with those that follow from the pump's events alone."""
    coordinator = entry.runtime_data.coordinator
    history = all_that_happened(listed)
    assert coordinator.data.history == history
    assert coordinator.data.state == derive_state(
        [history], coordinator.data.insulin_duration
    )
    await assert_in_step(hass, entry, listed, nightscout, version)
    writes = nightscout.counters.total()
    await coordinator.async_refresh()
    await settle(hass)
    assert nightscout.counters.total() == writes
    await assert_recorded(hass, entry, history)


@settings(
    max_examples=12,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(life=lives)
@example(
    life=Life(
        seed=776,
        hours=57,
        moved=0,
        new_group=True,
        version="15.0.7",
        steps=[
            Step(
                share=100,
                late=0,
                tandem=2,
                nightscout=4,
                skip=1,
                crash=(20, Dies.BEFORE),
                restart=True,
            ),
            Step(
                share=10,
                late=3,
                tandem=None,
                nightscout=1,
                skip=4,
                crash=(20, Dies.AFTER),
                restart=False,
            ),
        ],
        restarted=False,
    )
)
async def test_only_what_happened_on_the_pump_matters(
    hass: HomeAssistant, life: Life
) -> None:
    """Nightscout, entities and statistics do not depend on the way the data arrived."""
    await live_through(hass, life)
