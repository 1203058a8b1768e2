"""The states of an account's entities, while time passes as a test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import PropertyMock, patch
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from demo.pump import Mode, SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity

from .account import add_entry, poll, settle, start
from .conftest import NOON, TIME_ZONE

DAY = 86400
ONE_MINUTE = timedelta(minutes=1)
NAMED_OTHERWISE = {
    "data_stale": "data_out_of_date",
    "documents_pending": "waiting_to_be_sent",
    "documents_sent": "sent_to_nightscout",
    "total_daily_insulin": "control_iq_total_daily_insulin",
}
"""Entities whose English name, and therefore id, differs from their key."""
RAISED = {"alarm", "alert", "cgm_alert"}


def object_id(platform: str, key: str) -> str:
    """Return the end of an entity's id in English.

    Events that also have a binary sensor are named "raised".
    """
    if platform == "event" and key in RAISED:
        return f"{key}_raised"
    return NAMED_OTHERWISE.get(key, key)


def quiet_pump(
    freezer: FrozenDateTimeFactory,
    *,
    lived: timedelta = timedelta(days=2),
    **details: Any,
) -> SimulatedPump:
    """Stop time at noon, and return a pump that has run for two days and does nothing by itself."""
    freezer.move_to(NOON)
    pump = SimulatedPump(
        start=NOON - timedelta(days=2),
        time_zone=ZoneInfo(TIME_ZONE),
        quiet=True,
        **details,
    )
    pump.run_for(seconds=lived.total_seconds())
    return pump


def pump_after_bolus(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """Stop time at noon, and return a quiet pump that gave a bolus an hour ago."""
    pump = quiet_pump(freezer, lived=timedelta(hours=47))
    pump.give_bolus(2.5, 30)
    pump.run_for(hours=1)
    return pump


def busy_pump(
    freezer: FrozenDateTimeFactory, *, days: int = 3, **details: Any
) -> SimulatedPump:
    """Stop time at noon, and return a pump that has been in use for some days."""
    freezer.move_to(NOON)
    pump = SimulatedPump(
        start=NOON - timedelta(days=days), time_zone=ZoneInfo(TIME_ZONE), **details
    )
    pump.run_until(NOON)
    return pump


def eventful_pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """Stop time at noon, and return a quiet pump with events of nearly every kind since midnight."""
    pump = quiet_pump(freezer, sensor="g6", lived=timedelta(hours=36))

    def read(hours: float, glucose: int) -> None:
        end = pump.now + timedelta(hours=hours)
        while pump.now + timedelta(minutes=5) <= end:
            pump.run_for(minutes=5)
            pump.read_glucose(glucose, rate=4)

    pump.log_event(
        213,
        currentTransmitterTime=40 * DAY,
        sessionStartTime=36 * DAY,
        sessionDuration=10,
        sessionJoinReason=8,
    )
    pump.log_event(313, pumpControlState=3, usermode=1, sensorType=1)
    read(2, 130)
    pump.provoke_cgm_alert(3)
    read(0.5, 64)
    pump.clear_cgm_alert(3)
    pump.suspend(6)
    read(0.5, 72)
    pump.resume()
    pump.change_site(200)
    read(1, 150)
    pump.stop_mode()
    pump.settle_control()
    pump.give_bolus(6.5, 45, correction=0.5, glucose=150)
    read(1, 210)
    pump.give_bolus(0.8, correction=0.8, glucose=210, by="algorithm")
    pump.set_temp_rate(150, 30)
    read(2, 190)
    pump.provoke_alarm(2)
    read(0.25, 200)
    pump.clear_alarm(2)
    pump.resume()
    read(2, 160)
    pump.provoke_alert(0)
    pump.give_bolus(3.0, 20, glucose=160, extended_minutes=60, now_percent=50)
    read(2, 140)
    pump.start_mode(Mode.EXERCISE)
    pump.log_event(9, abc=80)
    read(0.75, 110)
    pump.log_event(140, timestamp=0, fmr=110, pgv=98, fmrStatus=1, pgvValid=1)
    pump.run_until(NOON)
    return pump


@contextmanager
def without_pauses() -> Iterator[None]:
    """Read the last weeks without pauses, which would never end while time is stopped."""
    with patch("custom_components.tconnectsync.read.late_data_reader.PAUSE_SECONDS", 0):
        yield


@contextmanager
def everything_enabled() -> Iterator[None]:
    """Enable all entities, those that are disabled by default included."""
    with patch.object(
        Entity, "entity_registry_enabled_default", PropertyMock(return_value=True)
    ):
        yield


async def show(
    hass: HomeAssistant, tandem: SimulatedTandem, **options: Any
) -> MockConfigEntry:
    """Upload the pump's log, and set up the account with all its entities."""
    for account in tandem.accounts.values():
        for listed in account.pumps:
            listed.upload()
    entry = add_entry(hass, tandem, options)
    with without_pauses(), everything_enabled():
        assert await start(hass, entry)
    return entry


async def pass_time(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    step: timedelta = ONE_MINUTE,
    *,
    until: datetime | None = None,
) -> None:
    """Let time pass, by one step or step by step until an instant."""
    now = datetime.now(UTC)
    end = until or now + step
    while now < end:
        now = min(now + step, end)
        freezer.move_to(now)
        with without_pauses():
            async_fire_time_changed(hass, now)
            await settle(hass)


async def live(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    pump: SimulatedPump,
    step: timedelta = ONE_MINUTE,
) -> None:
    """Let time pass by one step for Home Assistant and the pump."""
    await pass_time(hass, freezer, step)
    pump.run_until(datetime.now(UTC))


async def upload(
    hass: HomeAssistant, entry: MockConfigEntry, tandem: SimulatedTandem
) -> None:
    """Run the pump up to now, upload its log, and poll the account."""
    [account] = tandem.accounts.values()
    for listed in account.pumps:
        if isinstance(listed.pump, SimulatedPump):
            listed.pump.run_until(datetime.now(UTC))
        listed.upload()
    with without_pauses():
        await poll(hass, entry)


def shown(hass: HomeAssistant, entity: str) -> State:
    """Return the state of an entity of the pump, named as `sensor.glucose`."""
    platform, key = entity.split(".")
    state = hass.states.get(f"{platform}.t_slim_x2_{key}")
    assert state is not None, entity
    return state


def has(hass: HomeAssistant, key: str) -> bool:
    """Return whether the pump has a sensor, enabled or not."""
    return er.async_get(hass).async_get(f"sensor.t_slim_x2_{key}") is not None


def newest(hass: HomeAssistant) -> datetime:
    """Return the instant of the newest pump event that is shown."""
    return datetime.fromisoformat(shown(hass, "sensor.last_event").state)


def number(hass: HomeAssistant, key: str) -> float:
    """Return the number that a sensor shows."""
    return float(shown(hass, f"sensor.{key}").state)


def unknown(hass: HomeAssistant, key: str) -> bool:
    """Return whether a sensor is unknown."""
    return shown(hass, f"sensor.{key}").state == STATE_UNKNOWN


def attributes(hass: HomeAssistant, key: str) -> dict[str, Any]:
    """Return the attributes of a sensor."""
    return dict(shown(hass, f"sensor.{key}").attributes)


def utc(instant: datetime) -> str:
    """Return an instant as the state of a timestamp."""
    return instant.astimezone(UTC).isoformat()
