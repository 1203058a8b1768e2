"""Triggers: each occurrence fires once with its age, and none is lost."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
import voluptuous as vol

from custom_components.tconnectsync.automations.fire_once import DATA_TRIGGERS
from custom_components.tconnectsync.condition import CONDITIONS
from custom_components.tconnectsync.const import CONF_GLUCOSE_UNIT, DOMAIN
from custom_components.tconnectsync.device import nightscout_identifier, pump_identifier
from custom_components.tconnectsync.glucose_unit import MMOL_L
from custom_components.tconnectsync.trigger import TRIGGERS
from demo.nightscout import SimulatedNightscout
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.helpers.config_validation import TRIGGER_SCHEMA
from homeassistant.helpers.trigger import async_validate_trigger_config
from homeassistant.setup import async_setup_component

from .account import add_entry, poll, settle, start
from .automated import Life
from .conftest import NOON
from .entity_states import DAY, quiet_pump, without_pauses

STATUS_HIGH, STATUS_LOW = 1, 2
LONG: dict[str, Any] = {"for": "01:00:00"}
pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump."""
    return quiet_pump(freezer)


async def test_an_alarm_is_fired_once_with_how_old_it_is(life: Life) -> None:
    """An alarm fires once with the pump's time and its age, and not again after a poll or reload."""
    await life.automate("alarm_raised", kinds=["occlusion", "malfunction"])
    await life.live(minutes=20)
    life.pump.provoke_alarm(2)
    await life.upload(minutes=7)
    [fired] = life.fired()
    assert fired["kind"] == "occlusion"
    assert fired["meaning"] == "Occlusion"
    assert fired["cleared"] is False
    assert fired["name"] == "t:slim X2"
    assert fired["device_id"] == life.device_id
    assert fired["minutes_ago"] == 7
    assert fired["age_minutes"] <= 5
    assert fired["happened_at"].isoformat() == "2026-05-20T12:20:00-07:00"
    assert fired["pump_time"].isoformat() == "2026-05-20T12:20:00"
    for _ in range(2):
        await life.upload(minutes=6)
    assert await life.hass.config_entries.async_reload(life.entry.entry_id)
    await life.upload(minutes=6)
    assert life.fired() == []


async def test_an_entity_that_is_off_hides_no_alarm(life: Life) -> None:
    """Triggers work without their entities, even if a user disabled them."""
    entities = er.async_get(life.hass)
    for entity in ("event.t_slim_x2_alarm_raised", "binary_sensor.t_slim_x2_suspended"):
        entities.async_update_entity(entity, disabled_by=er.RegistryEntryDisabler.USER)
    assert await life.hass.config_entries.async_reload(life.entry.entry_id)
    await settle(life.hass)
    await life.automate("alarm_raised", "delivery_suspended")
    life.pump.provoke_alarm(2)
    await life.upload(minutes=5)
    assert len(life.fired()) == 2


async def test_only_kinds_that_are_chosen_are_fired(life: Life) -> None:
    """Triggers fire for the chosen kinds only."""
    await life.automate("alarm_raised", kinds="empty_cartridge")
    await life.live(minutes=20)
    life.pump.provoke_alarm(2)
    await life.upload(minutes=1)
    assert life.fired() == []
    life.pump.resume()
    life.pump.provoke_alarm(8)
    await life.upload(minutes=1)
    assert [fired["kind"] for fired in life.fired()] == ["empty_cartridge"]


async def test_what_came_before_the_automation_is_not_fired(life: Life) -> None:
    """Events from before the automation was created do not fire."""
    life.pump.provoke_alarm(2)
    life.pump.provoke_alert(0)
    life.pump.give_bolus(2.0)
    await life.upload(minutes=10)
    await life.automate("alarm_raised", "alert_raised", "bolus_given", "alarm_over")
    await life.upload(minutes=10)
    assert life.fired() == []


async def test_two_automations_alike_both_hear_it(life: Life) -> None:
    """Equal triggers share their stored state, and both fire."""
    await life.automate("alarm_raised", "alarm_raised")
    life.pump.provoke_alarm(2)
    await life.upload(minutes=10)
    assert [fired["kind"] for fired in life.fired()] == ["occlusion"] * 2


async def test_what_is_too_old_when_it_comes_is_left_out(life: Life) -> None:
    """Events older than the chosen limit do not fire."""
    kinds = ["occlusion", "empty_cartridge"]
    await life.automate("alarm_raised", kinds=kinds, not_older_than={"minutes": 30})
    life.pump.provoke_alarm(2)
    await life.upload(minutes=31)
    assert life.fired() == []
    life.pump.clear_alarm(2)
    life.pump.resume()
    life.pump.provoke_alarm(8)
    await life.upload(minutes=29)
    assert [fired["minutes_ago"] for fired in life.fired()] == [29]


async def test_a_clock_that_is_behind_delays_no_alarm(life: Life) -> None:
    """Alarms fire at once although their dates are old, because only later uploads prove the clock wrong."""
    await life.automate("alarm_raised", "alert_raised", "bolus_given", "alarm_over")
    await life.upload(minutes=5)
    life.pump.clock.offset -= 30 * 3600
    life.pump.give_bolus(2.0)
    await life.live(minutes=2)
    life.pump.provoke_alert(0)
    life.pump.provoke_alarm(2)
    await life.upload(minutes=5)
    assert len(life.fired()) == 3
    life.pump.clear_alarm(2)
    await life.upload(minutes=5)
    assert [fired["kind"] for fired in life.fired()] == ["occlusion"]
    await life.upload(minutes=5)
    await life.upload(minutes=5)
    assert life.fired() == []


async def test_alerts_of_pump_and_sensor_are_fired(life: Life) -> None:
    """Alerts of pump and sensor fire, but alarms do not."""
    await life.automate("alert_raised")
    life.pump.provoke_alert(0)
    life.pump.provoke_cgm_alert(2)
    life.pump.provoke_alarm(2)
    await life.upload(minutes=5)
    assert {fired["kind"] for fired in life.fired()} == {"insulin_low", "high"}


async def test_an_alarm_that_is_over_is_fired(life: Life) -> None:
    """The end of an alarm fires with the time it was raised and its duration."""
    await life.automate("alarm_over")
    life.pump.provoke_alarm(2)
    await life.upload(minutes=10)
    assert life.fired() == []
    life.pump.clear_alarm(2)
    await life.upload(minutes=15)
    [fired] = life.fired()
    assert fired["kind"] == "occlusion"
    assert fired["happened_at"] - fired["raised_at"] == timedelta(minutes=10)
    assert fired["minutes_ago"] == 15
    await life.upload(minutes=15)
    assert life.fired() == []


async def test_an_alarm_that_is_only_repeated_was_not_cleared(life: Life) -> None:
    """A repeated reminder is not cleared by the next one; the end fires once, for the last reminder."""
    await life.automate("alarm_raised", "alarm_over")
    life.pump.suspend()
    for _ in range(3):
        life.pump.provoke_alarm(18)
        await life.live(minutes=15)
    await life.upload(minutes=1)
    assert [(one["kind"], one["cleared"]) for one in life.fired()] == [
        ("resume_pump", False)
    ] * 3
    life.pump.resume()
    await life.upload(minutes=5)
    [over] = life.fired()
    assert over["happened_at"] - over["raised_at"] == timedelta(minutes=16)


async def test_an_end_waits_while_the_same_is_raised_again(life: Life) -> None:
    """The end of an alarm is held back while the same alarm is raised again; other ends fire."""
    await life.automate("alarm_raised", "alarm_over")
    life.pump.provoke_alarm(8)
    life.pump.provoke_alarm(2)
    await life.live(minutes=10)
    life.pump.clear_alarm(2)
    life.pump.clear_alarm(8)
    life.pump.resume()
    await life.live(minutes=5)
    life.pump.provoke_alarm(26)
    await life.upload(minutes=5)
    fired = life.fired()
    raised = [one for one in fired if "raised_at" not in one]
    [over] = [one for one in fired if "raised_at" in one]
    assert [(one["kind"], one["cleared"], one["raised_again"]) for one in raised] == [
        ("empty_cartridge", True, False),
        ("occlusion", True, True),
        ("occlusion", False, False),
    ]
    assert over["kind"] == "empty_cartridge"
    life.pump.clear_alarm(26)
    life.pump.resume()
    await life.upload(minutes=5)
    first, second = life.fired()
    assert [first["kind"], second["kind"]] == ["occlusion"] * 2
    assert first["happened_at"] < second["happened_at"]


async def test_boluses_are_fired_by_kind_and_amount(life: Life) -> None:
    """Small boluses and other kinds do not fire."""
    await life.automate("bolus_given", kinds=["correction"], at_least=1)
    life.pump.give_bolus(0.5)
    await life.upload(minutes=20)
    life.pump.give_bolus(2.0, carbs=20)
    await life.upload(minutes=20)
    assert life.fired() == []
    life.pump.give_bolus(2.0)
    await life.upload(minutes=20)
    [fired] = life.fired()
    assert (fired["kind"], fired["insulin"], fired["carbs"]) == ("correction", 2.0, 0)


@pytest.mark.parametrize("kind", ["meal", "correction"])
async def test_a_bolus_that_may_be_of_a_kind_is_fired(life: Life, kind: str) -> None:
    """A bolus with unknown carbs fires for each kind, with the kind "not_known"."""
    await life.automate("bolus_given", kinds=[kind])
    life.pump.give_bolus(2.0, carbs=20)
    await life.live(minutes=20)
    [request] = [raw for raw in life.pump.events if raw["eventCode"] == 64]
    request["eventProperties"].clear()
    await life.upload()
    [fired] = life.fired()
    assert (fired["kind"], fired["insulin"], fired["carbs"]) == ("not_known", 2.0, None)


async def test_a_silent_restart_loses_nothing(life: Life) -> None:
    """Events during a downtime fire once after it."""
    await life.automate("alarm_raised", "delivery_suspended")
    await life.upload(minutes=5)
    hass = life.hass
    await life.turn("off")
    assert await hass.config_entries.async_unload(life.entry.entry_id)
    hass.data.pop(DATA_TRIGGERS)
    await life.live(minutes=20)
    life.pump.provoke_alarm(2)
    await life.live(minutes=20)
    life.phone()
    hass.set_state(CoreState.starting)
    with without_pauses():
        assert await hass.config_entries.async_setup(life.entry.entry_id)
        await settle(hass)
    await life.turn("on")
    await life.live(minutes=1)
    assert life.fired() == []
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await settle(hass)
    fired = life.fired()
    assert sorted(str(one.get("kind", one.get("reason"))) for one in fired) == [
        "alarm",
        "occlusion",
    ]
    await life.upload(minutes=5)
    assert life.fired() == []


async def test_what_happened_while_an_automation_was_off_is_not_fired(
    life: Life,
) -> None:
    """Events do not fire if the automation was turned off when they happened."""
    await life.automate("alarm_raised")
    await life.turn("off")
    life.pump.provoke_alarm(2)
    await life.upload(minutes=30)
    await life.turn("on")
    await life.upload(minutes=5)
    assert life.fired() == []
    life.pump.provoke_alarm(8)
    await life.upload(minutes=5)
    assert [fired["kind"] for fired in life.fired()] == ["empty_cartridge"]


async def test_a_suspension_is_fired_once_when_it_has_lasted(life: Life) -> None:
    """The duration counts from the stop of delivery, without newer data, and the age is given."""
    await life.automate("delivery_suspended", "delivery_suspended", **LONG)
    life.pump.suspend()
    await life.upload(minutes=40)
    assert life.fired() == []
    await life.live(minutes=21)
    first, second = life.fired()
    assert first == second
    assert first["minutes_ago"] == 61
    assert first["age_minutes"] >= 21
    assert first["reason"] == "user"
    await life.upload(minutes=10)
    assert life.fired() == []
    life.pump.resume()
    await life.upload(minutes=10)
    life.pump.suspend()
    await life.upload(minutes=61)
    assert len(life.fired()) == 2


@pytest.mark.parametrize(("options", "after"), [({}, 20), (LONG, 61)])
async def test_a_hole_in_a_suspension_delays_and_repeats_nothing(
    life: Life, options: dict[str, Any], after: int
) -> None:
    """A gap in the log does not restart a suspension, for triggers or the entity."""
    await life.automate("delivery_suspended", **options)
    life.pump.suspend()
    began = life.pump.now
    await life.upload(minutes=20)
    kept = len(life.pump.events)
    await life.live(minutes=30)
    del life.pump.events[kept:], life.pump.instants[kept:]
    await life.upload(minutes=5)
    shown = life.hass.states.get("binary_sensor.t_slim_x2_suspended")
    assert shown is not None
    assert (shown.state, shown.attributes["since"]) == ("on", began.isoformat())
    assert shown.attributes["reason"] == "user"
    await life.upload(minutes=6)
    [fired] = life.fired()
    assert (fired["minutes_ago"], fired["reason"]) == (after, "user")
    await life.upload(minutes=60)
    assert life.fired() == []


async def test_delivery_that_goes_on_again_is_fired(life: Life) -> None:
    """The trigger fires when delivery is known to have lasted for the chosen time."""
    await life.automate("delivery_resumed", **{"for": {"minutes": 20}})
    life.pump.suspend()
    await life.upload(minutes=30)
    life.pump.resume()
    await life.upload(minutes=15)
    await life.live(minutes=15)
    assert life.fired() == []
    await life.upload(minutes=1)
    [fired] = life.fired()
    assert fired["suspended_minutes"] == 30
    assert fired["minutes_ago"] == 31


async def test_delivery_is_no_news_before_it_is_known_to_go_on(life: Life) -> None:
    """After a gap that hides the resumption, the trigger fires with the first known delivery."""
    await life.automate("delivery_resumed")
    life.pump.suspend()
    await life.upload(minutes=10)
    kept = len(life.pump.events)
    life.pump.resume()
    await life.live(minutes=50)
    life.pump.log_event(34, abc=80)
    del life.pump.events[kept:-1], life.pump.instants[kept:-1]
    await life.upload()
    assert life.fired() == []
    shown = life.hass.states.get("binary_sensor.t_slim_x2_suspended")
    assert shown is not None
    assert (shown.state, shown.attributes["reason"]) == ("unknown", "not_known")
    await life.upload(minutes=6)
    [fired] = life.fired()
    assert 60 < fired["suspended_minutes"] <= 66


async def test_a_clock_that_is_behind_delays_no_delivery(life: Life) -> None:
    """Resumed delivery fires although the pump's clock dates it to the day before."""
    await life.automate("delivery_resumed")
    life.pump.clock.offset -= 30 * 3600
    life.pump.suspend()
    await life.upload(minutes=30)
    life.pump.resume()
    await life.upload(minutes=10)
    [fired] = life.fired()
    assert fired["suspended_minutes"] == 30
    await life.upload(minutes=10)
    assert life.fired() == []


async def test_uploads_do_not_let_a_suspension_begin_anew(life: Life) -> None:
    """With a clock ahead, a suspension counts from its upload and is not restarted by later ones."""
    await life.automate("delivery_suspended", **LONG)
    await life.upload(minutes=5)
    life.pump.clock.offset += 3 * 3600
    await life.live(minutes=5)
    life.pump.suspend()
    await life.upload(minutes=10)
    for _ in range(5):
        await life.upload(minutes=11)
    assert life.fired() == []
    await life.upload(minutes=11)
    [fired] = life.fired()
    assert fired["minutes_ago"] == 66


async def test_an_alarm_that_was_cleared_is_no_delivery(life: Life) -> None:
    """After a cleared alarm, delivery counts as resumed only when the pump reports it."""
    await life.automate("delivery_resumed")
    life.pump.basal.logs_deliveries = False
    life.pump.log_event(5, alarmId=2)
    await life.upload(minutes=10)
    life.pump.log_event(28, alarmId=2)
    await life.upload(minutes=5)
    assert life.fired() == []
    life.pump.basal.logs_deliveries = True
    await life.upload(minutes=10)
    [fired] = life.fired()
    assert fired["suspended_minutes"] == 10


async def test_no_bolus_for_some_time_is_fired_by_the_log_alone(life: Life) -> None:
    """Only uploaded data proves that no bolus was given; automatic boluses do not count."""
    life.pump.give_bolus(2.0)
    await life.upload(minutes=10)
    await life.automate("no_bolus", **{"for": {"hours": 2}})
    life.pump.give_bolus(1.0, by="algorithm")
    await life.upload(minutes=80)
    await life.live(minutes=40)
    assert life.fired() == []
    await life.upload()
    [fired] = life.fired()
    assert fired["insulin"] == 2.0
    assert fired["hours"] == pytest.approx(2.1, abs=0.15)
    await life.upload(minutes=30)
    assert life.fired() == []
    life.pump.give_bolus(2.0)
    await life.upload(minutes=130)
    assert len(life.fired()) == 1


async def test_a_bolus_that_may_have_been_for_a_meal(life: Life) -> None:
    """A bolus with unknown carbs counts as a meal until it is older than the chosen time."""
    life.pump.give_bolus(2.0, carbs=20)
    await life.upload(minutes=10)
    await life.automate("no_bolus", kinds=["meal"], **{"for": {"hours": 2}})
    life.pump.give_bolus(2.0, carbs=20)
    request = next(one for one in life.pump.events[::-1] if one["eventCode"] == 64)
    request["eventProperties"] = {}
    await life.upload(minutes=115)
    await life.upload(minutes=3)
    assert life.fired() == []
    await life.upload(minutes=10)
    [fired] = life.fired()
    assert fired["hours"] == pytest.approx(2.3, abs=0.1)


async def test_without_any_bolus_the_log_itself_counts(life: Life) -> None:
    """Without any bolus, the time counts from the start of the log."""
    await life.automate("no_bolus", **{"for": {"hours": 2}})
    [fired] = life.fired()
    assert fired["insulin"] is None
    assert fired["hours"] > 24


@pytest.mark.parametrize(
    ("bolus_after", "upload_until", "fires"), [(30, 90, 0), (30, 20, 1), (90, 90, 1)]
)
async def test_no_bolus_by_a_time_is_fired_with_until_when_that_is_known(
    life: Life, bolus_after: int, upload_until: int, fires: int
) -> None:
    """The trigger fires once with the time of the data; later uploads do not repeat it."""
    await life.automate("no_bolus_by", since="12:15:00", by="13:15:00")
    for _ in range(12):
        await life.live(minutes=10)
        minutes = round((life.pump.now - NOON).total_seconds() / 60)
        if minutes == bolus_after:
            life.pump.give_bolus(2.0)
        if minutes <= upload_until:
            await life.upload()
    fired = life.fired()
    known = NOON + timedelta(minutes=min(upload_until, 70))
    assert [one["as_of"] for one in fired] == [known] * fires
    await life.upload()
    await life.live(hours=1)
    assert life.fired() == []


async def test_a_time_before_the_automation_was_made_is_no_news(life: Life) -> None:
    """Spans from before the automation was created do not fire; the next one does, over midnight as well."""
    await life.automate("no_bolus_by", since="22:00:00", by="11:00:00")
    await life.upload(hours=1)
    assert life.fired() == []
    await life.live(hours=21)
    assert life.fired() == []
    await life.upload(hours=1, minutes=10)
    [one] = life.fired()
    assert one["happened_at"].hour == 22


@pytest.mark.parametrize(
    ("trigger", "limit", "beyond", "back"),
    [
        ("glucose_below", 70, 64, 90),
        ("glucose_below", 4, 64, 90),
        ("glucose_above", 250, 270, 200),
        ("glucose_above", 13.9, 270, 200),
    ],
)
async def test_glucose_beyond_a_limit_is_fired_once_for_each_time(
    life: Life, trigger: str, limit: float, beyond: int, back: int
) -> None:
    """The unit follows from the limit; the value is given in the configured unit."""

    async def read(glucose: int) -> None:
        await life.live(minutes=5)
        life.pump.read_glucose(glucose)
        await life.upload()

    await life.automate(trigger, limit=limit)
    await read(back)
    assert life.fired() == []
    await read(beyond)
    [fired] = life.fired()
    assert (fired["glucose"], fired["unit"]) == (beyond, "mg/dL")
    assert fired["age_minutes"] == 0
    await read(beyond)
    await read(back)
    assert life.fired() == []
    await read(beyond)
    assert len(life.fired()) == 1


async def test_a_gap_in_the_readings_begins_anew(life: Life) -> None:
    """The trigger fires again after a gap in the readings, and for values outside the sensor's range."""

    async def read(status: int, minutes: int = 5) -> list[dict[str, Any]]:
        await life.live(minutes=minutes)
        life.pump.read_glucose(60, status=status)
        await life.upload()
        return life.fired()

    await life.automate("glucose_below", limit=70)
    assert len(await read(0)) == 1
    assert await read(STATUS_LOW) == []
    [fired] = await read(STATUS_LOW, minutes=25)
    assert (fired["glucose"], fired["state"]) == (None, "low")
    assert await read(STATUS_HIGH) == []


async def test_old_glucose_is_not_fired(life: Life) -> None:
    """Glucose older than the limit does not fire."""
    life.hass.config_entries.async_update_entry(
        life.entry, options={**life.entry.options, CONF_GLUCOSE_UNIT: MMOL_L}
    )
    await life.automate("glucose_below", limit=70, not_older_than={"minutes": 30})
    life.pump.read_glucose(60)
    life.phone()
    await life.live(minutes=31)
    with without_pauses():
        await poll(life.hass, life.entry)
    assert life.fired() == []
    life.pump.read_glucose(60)
    await life.upload(minutes=4)
    [fired] = life.fired()
    assert (fired["glucose"], fired["unit"]) == (3.3, "mmol/L")
    assert fired["age_minutes"] == 4


async def test_a_reservoir_that_runs_low_is_fired_once_for_each_cartridge(
    life: Life,
) -> None:
    """The trigger fires once for each cartridge, over reloads and gaps in the data."""
    life.pump.change_site(100)
    await life.upload(minutes=10)
    await life.automate("reservoir_below", limit=90)
    await life.upload(minutes=5)
    before = life.fired()
    if not before:
        life.pump.give_bolus(10)
        await life.upload(minutes=20)
        before = life.fired()
    [fired] = before
    assert fired["insulin"] < 90
    await life.turn("off")
    await life.turn("on")
    assert await life.hass.config_entries.async_reload(life.entry.entry_id)
    await life.live(hours=3)
    await life.upload()
    assert life.fired() == []
    life.pump.change_site(80)
    await life.upload(minutes=10)
    assert len(life.fired()) == 1


async def test_site_and_cartridge_are_due_once(life: Life) -> None:
    """The triggers fire once with the true age, even if Home Assistant reloads meanwhile."""
    await life.automate(
        "site_due", "cartridge_due", lasts={"days": 1}, due_in={"hours": 2}
    )
    life.fired()
    life.pump.change_site(200)
    await life.upload(minutes=10)
    assert life.fired() == []
    await life.live(hours=21, minutes=30)
    assert life.fired() == []
    await life.live(minutes=30)
    fired = life.fired()
    assert [one["days"] for one in fired] == [0.9, 0.9]
    assert {one["hours_left"] for one in fired} == {1.8, 1.9}
    await life.upload(hours=3)
    await life.turn("off")
    await life.turn("on")
    await life.upload(hours=3)
    assert life.fired() == []


async def test_a_site_is_due_by_the_last_change_that_is_known(life: Life) -> None:
    """The trigger uses the last known change of the site, even after a gap in the log."""
    await life.automate("site_due", lasts={"days": 1})
    life.fired()
    life.pump.change_site(200)
    await life.upload(minutes=10)
    life.pump.log_event(60, block=1, reason=1)
    assert life.fired() == []
    await life.upload(hours=24)
    assert len(life.fired()) == 1


async def test_a_sensor_that_expires_is_fired_once(life: Life) -> None:
    """The trigger fires once, even if the pump joins the session again with a slightly different end."""

    def join(started_days_ago: float) -> None:
        life.pump.log_event(
            213,
            currentTransmitterTime=40 * DAY,
            sessionStartTime=round((40 - started_days_ago) * DAY),
            sessionDuration=10,
            sessionJoinReason=8,
        )

    await life.automate("sensor_due", due_in={"hours": 12})
    join(9)
    await life.upload(minutes=10)
    assert life.fired() == []
    await life.live(hours=12, minutes=1)
    [fired] = life.fired()
    assert fired["days"] == 9.5
    assert 11.5 < fired["hours_left"] < 12
    join(9.5)
    await life.upload(minutes=10)
    await life.turn("off")
    await life.turn("on")
    await life.live(hours=13)
    assert life.fired() == []


async def test_uploads_that_stop_and_come_back_are_fired(life: Life) -> None:
    """The triggers fire with the reason and after recovery, and again for the next outage."""
    await life.automate("uploads_stopped", "uploads_back")
    for _ in range(2):
        await life.live(hours=2, minutes=1)
        [fired] = life.fired()
        assert fired["reason"] == "pump_not_uploading"
        assert fired["age_minutes"] >= 120
        await life.live(hours=1)
        assert life.fired() == []
        await life.upload()
        [fired] = life.fired()
        assert fired["age_minutes"] <= 5


@pytest.mark.parametrize(
    ("trigger", "options", "said"),
    [
        ("alarm_raised", {"kinds": ["unheard_of"]}, "must be one of"),
        ("no_bolus", {}, "required key"),
        ("glucose_below", {"limit": 30}, "from 40 to 400 mg/dL or from 2.2 to 22.2 mm"),
        ("glucose_above", {}, "required key"),
        ("reservoir_below", {"limit": 0}, "at least 1"),
        ("uploads_stopped", {"for": "00:00:10"}, "enter at least one minute"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    life: Life, trigger: str, options: dict[str, Any], said: str
) -> None:
    """Invalid options are refused with the accepted values when the automation is saved."""
    config = {
        "trigger": f"{DOMAIN}.{trigger}",
        "target": {"device_id": life.device_id},
        "options": options,
    }
    with pytest.raises(vol.Invalid, match=said):
        await async_validate_trigger_config(life.hass, TRIGGER_SCHEMA([config]))


@pytest.mark.parametrize("by", ["entity_id", "area_id", "label_id", "device_id"])
async def test_any_way_to_name_the_pump_will_do(life: Life, by: str) -> None:
    """The target can be an entity, an area, a label or the device."""
    hass, device_id = life.hass, life.device_id
    area = ar.async_get(hass).async_create("Bedroom")
    label = lr.async_get(hass).async_create("Diabetes")
    dr.async_get(hass).async_update_device(
        device_id, area_id=area.id, labels={label.label_id}
    )
    named = {
        "entity_id": "sensor.t_slim_x2_glucose",
        "area_id": area.id,
        "label_id": label.label_id,
        "device_id": device_id,
    }
    await life.automate("alarm_raised", target={by: named[by]})
    life.pump.provoke_alarm(2)
    await life.upload(minutes=5)
    assert len(life.fired()) == 1


async def test_what_is_not_of_a_pump_fires_nothing(life: Life) -> None:
    """Targets that do not belong to a pump do not fire."""
    await life.automate("alarm_raised", target={"entity_id": "sun.sun"})
    life.pump.provoke_alarm(2)
    await life.upload(minutes=5)
    assert life.fired() == []


async def test_all_are_offered_for_the_pump_and_none_for_nightscout(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    nightscout: SimulatedNightscout,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """All triggers and conditions are offered with the entities that are enabled by default."""
    assert await async_setup_component(hass, "websocket_api", {})
    entry = add_entry(hass, tandem, nightscout=nightscout)
    with without_pauses():
        assert await start(hass, entry)
    client = await hass_ws_client(hass)

    async def offered(what: str, identifier: tuple[str, str]) -> set[str]:
        device = dr.async_get(hass).async_get_device_by_identifier(
            identifier, entry.entry_id
        )
        assert device
        await client.send_json_auto_id(
            {"type": f"get_{what}_for_target", "target": {"device_id": device.id}}
        )
        names = (await client.receive_json())["result"]
        return {name.removeprefix(f"{DOMAIN}.") for name in names if DOMAIN in name}

    for what, known in (("triggers", TRIGGERS), ("conditions", CONDITIONS)):
        assert await offered(what, pump_identifier(entry)) == set(known)
        assert await offered(what, nightscout_identifier(entry)) == set()


def test_every_trigger_is_tried() -> None:
    """Each trigger is named in a test of this module."""
    text = Path(__file__).read_text()
    assert [name for name in TRIGGERS if f'"{name}"' not in text] == []
