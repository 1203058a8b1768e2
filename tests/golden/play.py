"""The player of a case: Tandem answers, Home Assistant and Nightscout follow, and each step is judged."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import CONF_GLUCOSE_UNIT, CONF_PUMP_TIME_ZONE
from demo.nightscout import SimulatedNightscout
from demo.pump import Profile, RecordedPump, Segment, Settings
from demo.tandem import ListedPump, SimulatedTandem
from demo.tandem.account import CLOCK_CHANGES
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from tests.conftest import API_SECRET, EMAIL, PASSWORD
from tests.world import World

from .case import Case, Step, Upload
from .judge import differences, lasting_differences
from .seen import FiredEvents, Seen

ONE_SECOND = timedelta(seconds=1)
ONE_MINUTE = timedelta(minutes=1)
FIRST_DAYS = 1


def usual_settings() -> dict[str, Any]:
    """Return the settings of a pump for which a case names none."""
    day = Segment(start=0, basal=1000, carb_ratio=10)
    profile = Profile(idp=0, name="Everyday", segments=[day], insulin_duration=300)
    return Settings(profiles=[profile]).details(0)


class Player:
    """One account that runs through the steps of a case."""

    def __init__(
        self, world: World, case: Case, listed: Mapping[str, ListedPump], *, moves: bool
    ) -> None:
        """Set up a player at the start of a case; clock moves may count for maxDateOfEvents."""
        self._world = world
        self._case = case
        self._listed = listed
        self._moves = moves
        self._fired = FiredEvents(world.hass)
        self._seen = Seen(world.hass, world.nightscout, self._fired)

    async def play(self) -> list[str]:
        """Return all differences, each with its step."""
        found: list[str] = []
        for step in self._case.steps:
            await self._go_on_to(step)
            at_once = await lasting_differences(step.expect, self._seen)
            await self._confirm()
            later = await differences(step.expect, self._seen)
            found += [
                f"{step.where}: {text}" for text in dict.fromkeys([*at_once, *later])
            ]
        return found

    async def _go_on_to(self, step: Step) -> None:
        """Let time pass until a step, and read everything uploaded by then."""
        world, first = self._world, step is self._case.steps[0]
        if step.restart:
            await world.unload()
        world.freezer.move_to(step.now - ONE_SECOND)
        if not first and not step.restart:
            await world.wait(timedelta())
        self._fired.forget()
        for upload in step.uploads:
            self._upload(upload)
        world.freezer.move_to(step.now)
        if first:
            await self._set_up()
            return
        if step.restart:
            await self._start_home_assistant()
        await self._sync()

    def _upload(self, upload: Upload) -> None:
        listed = self._listed[upload.pump]
        assert isinstance(listed.pump, RecordedPump)
        listed.pump.events += upload.events
        listed.upload(at=upload.at)
        if not self._moves:
            listed.max_date = max(
                event["pumpDateTime"]
                for event in listed.pump.events
                if event["eventCode"] not in CLOCK_CHANGES
            )

    async def _set_up(self) -> None:
        """Set the account up, and enable the entities that are disabled by default."""
        options: dict[str, Any] = {CONF_PUMP_TIME_ZONE: self._case.zone}
        if self._case.glucose_unit:
            options[CONF_GLUCOSE_UNIT] = self._case.glucose_unit
        await self._world.begin(days=FIRST_DAYS, **options)
        registry = er.async_get(self._world.hass)
        for name in self._case.enable:
            entry = self._seen.entity(name)
            assert entry, f"{name} cannot be turned on: there is no such entity"
            registry.async_update_entity(entry.entity_id, disabled_by=None)
        if self._case.enable:
            await self._world.reload()

    async def _start_home_assistant(self) -> None:
        """Load the account while Home Assistant starts, and finish the start."""
        hass = self._world.hass
        hass.set_state(CoreState.starting)
        await self._world.load()
        hass.set_state(CoreState.running)
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
        await self._world.settle()

    async def _sync(self) -> None:
        await self._world.call("sync")
        await self._world.settle()

    async def _confirm(self) -> None:
        """Let a minute pass and sync again, so that Tandem confirms the end of the log."""
        await self._world.wait(ONE_MINUTE)
        await self._sync()


@asynccontextmanager
async def account_of(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[SimulatedTandem, dict[str, ListedPump]]]:
    """Run a Tandem Source with the account of a case whose pumps have not uploaded yet."""
    tandem = SimulatedTandem()
    account = tandem.add_account(EMAIL, PASSWORD)
    listed = {}
    for name, pump in case.pumps.items():
        pump.settings = usual_settings()
        listed[name] = account.add_pump(pump)
    await tandem.start()
    monkeypatch.setenv("TCONNECTSYNC_DEMO_URL", tandem.url)
    try:
        yield tandem, listed
    finally:
        await tandem.stop()


async def play(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    case: Case,
    *,
    moves: bool = True,
) -> list[str]:
    """Return all differences between a case and its results."""
    begin: datetime = case.steps[0].now
    freezer.move_to(begin)
    await hass.config.async_set_time_zone(case.home_assistant_zone)
    nightscout = SimulatedNightscout(api_secret=API_SECRET, refusal_delay=0)
    await nightscout.start()
    try:
        async with account_of(case, monkeypatch) as (tandem, listed):
            world = World(hass, tandem, nightscout, freezer)
            return await Player(world, case, listed, moves=moves).play()
    finally:
        await nightscout.stop()
