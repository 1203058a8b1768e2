"""The calendar: due changes from the pump's reports, and past changes and alarms."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import HomeAssistant

from .conftest import NOON
from .entity_states import (
    attributes,
    eventful_pump,
    number,
    pass_time,
    show,
    shown,
    upload,
)

pytestmark = pytest.mark.usefixtures("recorder_mock")

EMPTY = "Cartridge empty (estimate)"
CALENDAR = "calendar.t_slim_x2_calendar"
DAY = timedelta(days=1)


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump with an eventful morning."""
    return eventful_pump(freezer)


async def events(
    hass: HomeAssistant, start: datetime = NOON - DAY, end: datetime = NOON + 40 * DAY
) -> list[tuple[str, datetime]]:
    """Return the summaries and starts of the calendar's events, as the action returns them."""
    answer: Any = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": CALENDAR, "start_date_time": start, "end_date_time": end},
        blocking=True,
        return_response=True,
    )
    return [
        (one["summary"], datetime.fromisoformat(one["start"]))
        for one in answer[CALENDAR]["events"]
    ]


async def test_what_is_due(hass: HomeAssistant, tandem: SimulatedTandem) -> None:
    """The site is due by the pump's reminder of three days, the sensor when its session ends."""
    await show(hass, tandem)
    due = dict(await events(hass, NOON))
    changed = datetime.fromisoformat(shown(hass, "sensor.site_changed").state)
    expires = datetime.fromisoformat(shown(hass, "sensor.sensor_expires").state)
    assert due["Change infusion site"] == changed + 3 * DAY
    assert due["Glucose sensor expires"] == expires
    details = shown(hass, "calendar.calendar").attributes
    assert details["message"] == "Change infusion site"
    assert details["description"] == "As of 2026-05-20 12:00."


async def test_a_cartridge_is_used_up(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
    pump: SimulatedPump,
) -> None:
    """The calendar agrees with the sensor, which divides the remaining insulin by the actual use per day."""
    before = pump.reservoir.left
    pump.run_for(hours=72)
    pump.log_event(90)
    freezer.move_to(pump.now)
    await show(hass, tandem)
    until = datetime.fromisoformat(shown(hass, "sensor.cartridge_lasts_until").state)
    newest = datetime.fromisoformat(attributes(hass, "cartridge_lasts_until")["as_of"])
    assert newest == pump.now.replace(microsecond=0)
    pace = (before - pump.reservoir.left) / 3
    assert (until - newest) / DAY == pytest.approx(
        number(hass, "reservoir") / pace, abs=0.02
    )
    due = dict(await events(hass, newest))
    assert abs(due[EMPTY] - until) < timedelta(minutes=1)
    await pass_time(hass, freezer, timedelta(hours=3))
    assert shown(hass, "sensor.cartridge_lasts_until").state == STATE_UNKNOWN
    due = dict(await events(hass, newest))
    assert EMPTY not in due
    assert "Glucose sensor expires" in due


async def test_what_was_changed_and_went_wrong(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """The morning's site, cartridge, sensor and occlusion are listed once each."""
    await show(hass, tandem)
    past = await events(hass, NOON - 5 * DAY, NOON)
    assert sorted(summary for summary, _ in past) == [
        "Cartridge changed",
        "Glucose sensor started",
        "Infusion site changed",
        "Occlusion",
    ]
    assert [start for _, start in past] == sorted(start for _, start in past)
    alarm = datetime.fromisoformat(shown(hass, "sensor.last_alarm_time").state)
    assert dict(past)["Occlusion"] == alarm


async def test_it_is_on_while_something_is_due(
    hass: HomeAssistant, tandem: SimulatedTandem, freezer: FrozenDateTimeFactory
) -> None:
    """The calendar is on for a quarter of an hour, so that automations can start."""
    await show(hass, tandem)
    assert shown(hass, "calendar.calendar").state == STATE_OFF
    due = dict(await events(hass, NOON))["Change infusion site"]
    freezer.move_to(due - timedelta(minutes=2))
    await pass_time(hass, freezer, timedelta(minutes=3))
    assert shown(hass, "calendar.calendar").state == STATE_ON
    await pass_time(hass, freezer, timedelta(minutes=16))
    details = shown(hass, "calendar.calendar")
    assert details.state == STATE_OFF
    assert details.attributes["message"] == "Glucose sensor expires"


async def test_a_wrong_clock_promises_nothing(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A wrong pump clock removes all due events, because their times are unknown."""
    entry = await show(hass, tandem)
    assert await events(hass, NOON)
    pump.clock.offset += 5 * 3600
    await pass_time(hass, freezer, timedelta(minutes=20))
    await upload(hass, entry, tandem)
    assert (
        shown(hass, "binary_sensor.data_out_of_date").attributes["reason"]
        == "clock_wrong"
    )
    assert "message" not in shown(hass, "calendar.calendar").attributes
    assert await events(hass, NOON) == []
    assert await events(hass, pump.now - DAY, NOON + 40 * DAY) == []


async def test_what_was_long_before_a_doubt_stays(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A clock error today does not affect the dates of earlier days."""
    entry = await show(hass, tandem)
    await pass_time(hass, freezer, 2 * DAY)
    pump.run_until(NOON + 2 * DAY)
    await upload(hass, entry, tandem)
    before = await events(hass, NOON - DAY, NOON)
    assert before
    pump.clock.offset += 5 * 3600
    await pass_time(hass, freezer, timedelta(minutes=20))
    await upload(hass, entry, tandem)
    assert await events(hass, NOON - DAY, NOON) == before


@pytest.mark.parametrize("language", ["de"])
async def test_it_speaks_the_language_of_home_assistant(
    hass: HomeAssistant, tandem: SimulatedTandem, language: str
) -> None:
    """Events use Home Assistant's language, including the names of alarms."""
    hass.config.language = language
    await show(hass, tandem)
    [calendar] = hass.states.async_all("calendar")
    assert calendar.attributes["message"] == "Katheter wechseln"
    assert calendar.attributes["description"].startswith("Stand: 2026-05-20")
