"""Sensors show what the pump truly did, and nothing as present that is old."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import (
    CONF_GLUCOSE_UNIT,
    CONF_HIGH_LIMIT,
    CONF_LOW_LIMIT,
    CONF_STALE_AFTER,
)
from demo.pump import Mode, SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNKNOWN,
    UnitOfBloodGlucoseConcentration,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .shown import NOON, busy_pump, number, pass_time, quiet_pump, show, shown, upload

pytestmark = pytest.mark.usefixtures("recorder_mock")
MIDNIGHT = NOON.replace(hour=0)
MMOL_L = UnitOfBloodGlucoseConcentration.MILLIMOLE_PER_LITER
LASTING = {"last_bolus", "last_meal_bolus", "last_carbs", "last_alarm", "last_alert"}


@pytest.fixture
def pump(
    freezer: FrozenDateTimeFactory, request: pytest.FixtureRequest
) -> SimulatedPump:
    """A quiet pump, or one that was worn where a test asks for a seed."""
    if seed := getattr(request, "param", None):
        return busy_pump(freezer, seed=seed)
    return quiet_pump(freezer)


def unknown(hass: HomeAssistant, key: str) -> bool:
    """Whether a sensor shows nothing."""
    return shown(hass, f"sensor.{key}").state == STATE_UNKNOWN


def attributes(hass: HomeAssistant, key: str) -> dict[str, Any]:
    """The details of a sensor."""
    return dict(shown(hass, f"sensor.{key}").attributes)


@pytest.mark.parametrize("pump", [3, 4, 5], indirect=True)
async def test_values_are_what_truly_happened(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """The pump's own account of the day, of what runs and of what is left."""
    await show(hass, tandem)
    newest = pump.instants[-1]
    basal = pump.basal_delivered(MIDNIGHT, newest)
    bolus = pump.bolus_delivered(MIDNIGHT, newest)
    assert number(hass, "basal_today") == pytest.approx(basal, abs=0.01)
    assert number(hass, "bolus_today") == pytest.approx(bolus, abs=0.01)
    assert number(hass, "insulin_today") == pytest.approx(basal + bolus, abs=0.01)
    share = 100 * basal / (basal + bolus)
    assert number(hass, "basal_share_today") == pytest.approx(share, abs=0.1)
    assert number(hass, "carbs_today") == pump.carbs(MIDNIGHT, newest)
    assert number(hass, "basal_rate") == pump.basal.rates.rate / 1000
    assert number(hass, "reservoir") == pytest.approx(pump.reservoir.left, abs=1.01)
    assert shown(hass, "sensor.last_event").state == newest.isoformat()
    reading = pump.sensor.last
    assert reading is not None
    assert number(hass, "glucose") == reading.value


async def test_each_value_turns_unknown_when_its_own_instant_is_old(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Minute by minute: shown up to the limit, unknown after it, each by its own `as_of`."""
    pump.give_bolus(2.0)
    pump.run_for(minutes=30)
    pump.log_event(9, abc=70)
    pump.run_for(minutes=13)
    pump.read_glucose(120)
    pump.run_for(minutes=7)
    freezer.move_to(pump.now)
    await show(hass, tandem, **{CONF_STALE_AFTER: 60})
    dated = {
        state.entity_id: datetime.fromisoformat(state.attributes["as_of"])
        for state in hass.states.async_all("sensor")
        if state.attributes.get("as_of") and state.state != STATE_UNKNOWN
    }
    assert len(set(dated.values())) > 3
    others = {
        state.entity_id: state.state
        for state in hass.states.async_all("sensor")
        if state.entity_id not in dated
    }
    await tandem.stop()
    turned = set()
    for minutes in range(1, 70):
        await pass_time(hass, freezer)
        for entity, as_of in dated.items():
            state = hass.states.get(entity)
            assert state is not None
            old = datetime.now(UTC) - as_of > timedelta(minutes=60)
            assert (state.state == STATE_UNKNOWN) == old, (entity, minutes)
            assert state.attributes["as_of"] == as_of.isoformat()
            if old:
                turned.add(entity)
        for entity, before in others.items():
            state = hass.states.get(entity)
            assert state is not None
            assert state.state == before, (entity, minutes)
    assert turned == set(dated)


async def test_details_go_with_their_value(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An old rate has no source either; the last bolus keeps its details but is in no progress."""
    pump.give_bolus(2.0)
    pump.run_for(seconds=20)
    await show(hass, tandem, **{CONF_STALE_AFTER: 60})
    assert attributes(hass, "basal_rate")["source"] == "profile"
    assert attributes(hass, "last_bolus")["in_progress"] is True
    await tandem.stop()
    await pass_time(hass, freezer, until=NOON + timedelta(minutes=62))
    assert "source" not in attributes(hass, "basal_rate")
    assert "in_progress" not in attributes(hass, "last_bolus")
    assert attributes(hass, "last_bolus")["requested"] == 2.0


async def test_a_bolus_in_progress(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Until its end is known there is no insulin on board, and the bolus shows what was asked for."""
    pump.give_bolus(1.0)
    pump.run_for(minutes=5)
    pump.give_bolus(4.0, 30, glucose=150)
    pump.run_for(seconds=40)
    freezer.move_to(pump.now)
    entry = await show(hass, tandem)
    assert number(hass, "last_bolus") == 4.0
    details = attributes(hass, "last_bolus")
    assert (details["in_progress"], details["delivered"]) == (True, None)
    assert unknown(hass, "insulin_on_board")
    assert unknown(hass, "insulin_on_board_ends")
    await pass_time(hass, freezer, timedelta(seconds=20))
    pump.run_until(datetime.now(UTC))
    pump.stop_bolus()
    await pass_time(hass, freezer)
    await upload(hass, entry, tandem)
    assert 0 < number(hass, "last_bolus") < 4.0
    details = attributes(hass, "last_bolus")
    assert details["in_progress"] is False
    assert details["delivered"] == number(hass, "last_bolus")
    assert details["ended_by"] == "user_aborted"
    assert details["notes"] == (
        f"{number(hass, 'last_bolus'):.2f} of 4.00 U delivered: stopped by hand"
    )
    assert (details["kind"], details["carbs"], details["glucose"]) == ("meal", 30, 150)
    assert number(hass, "insulin_on_board") == pytest.approx(
        pump.insulin_on_board(), abs=0.02
    )
    assert not unknown(hass, "insulin_on_board_ends")


async def test_an_extended_bolus(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Its parts and its plan can be seen while it runs, and it counts as far as it was delivered."""
    pump.give_bolus(3.0, extended_minutes=60, now_percent=50)
    pump.run_for(minutes=30)
    freezer.move_to(pump.now)
    await show(hass, tandem)
    details = attributes(hass, "last_bolus")
    assert details["kind"] == "extended"
    assert (details["extended"], details["extended_minutes"]) == (1.5, 60)
    assert details["in_progress"] is True
    assert number(hass, "bolus_today") == pytest.approx(2.25, abs=0.02)


@pytest.mark.parametrize(
    ("reading", "state"),
    [
        ((987, 1), "high"),
        ((0, 1), "high"),
        ((17, 2), "low"),
        ((0, 2), "low"),
        ((420, 0), "high"),
        ((30, 0), "low"),
        ((111, 6), "no_reading"),
    ],
)
async def test_no_number_beyond_what_the_sensor_can_measure(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    reading: tuple[int, int],
    state: str,
) -> None:
    """Too low, too high or not to be shown: said in words, the raw number nowhere."""
    raw, status = reading
    pump.read_glucose(120, ago=timedelta(minutes=5))
    pump.read_glucose(raw, status=status)
    await show(hass, tandem)
    assert unknown(hass, "glucose")
    assert unknown(hass, "glucose_delta")
    assert shown(hass, "sensor.cgm_state").state == state
    assert unknown(hass, "glucose_trend") == (state == "no_reading")
    assert unknown(hass, "glucose_rate") == (state == "no_reading")
    told = [str(one.as_dict()) for one in hass.states.async_all("sensor")]
    assert raw == 0 or not any(f"'state': '{raw}'" in text for text in told)


async def test_the_change_between_two_readings(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Only what is five minutes apart is compared."""
    pump.read_glucose(150, ago=timedelta(minutes=10))
    pump.read_glucose(140, rate=-20)
    entry = await show(hass, tandem)
    assert unknown(hass, "glucose_delta")
    await pass_time(hass, freezer, timedelta(minutes=5))
    pump.run_until(datetime.now(UTC))
    pump.read_glucose(128, rate=-24)
    await upload(hass, entry, tandem)
    assert number(hass, "glucose_delta") == -12
    assert number(hass, "glucose_rate") == -2.4
    assert shown(hass, "sensor.glucose_trend").state == "single_down"


async def test_glucose_far_behind_the_pump_is_not_shown(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """While the pump goes on without readings the last one is no longer the present one."""
    pump.read_glucose(120)
    pump.log_event(140, fmr=120, pgv=100, fmrStatus=1, pgvValid=1)
    entry = await show(hass, tandem)
    assert number(hass, "glucose") == 120
    assert number(hass, "predicted_glucose") == 100
    await pass_time(hass, freezer, timedelta(minutes=15))
    await upload(hass, entry, tandem)
    assert number(hass, "glucose") == 120
    await pass_time(hass, freezer, timedelta(minutes=5))
    await upload(hass, entry, tandem)
    for key in ("glucose", "cgm_state", "glucose_trend", "predicted_glucose"):
        assert unknown(hass, key)


async def test_glucose_in_the_other_unit(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    entity_registry: er.EntityRegistry,
) -> None:
    """The unit chosen at set-up is suggested; Home Assistant's own setting has the last word."""
    pump.read_glucose(108, ago=timedelta(minutes=5))
    pump.read_glucose(126)
    await show(hass, tandem, **{CONF_GLUCOSE_UNIT: MMOL_L})
    assert attributes(hass, "glucose")[ATTR_UNIT_OF_MEASUREMENT] == MMOL_L
    assert number(hass, "glucose") == pytest.approx(7.0, abs=0.05)
    assert number(hass, "glucose_delta") == pytest.approx(1.0, abs=0.05)
    assert number(hass, "average_glucose") == pytest.approx(6.5, abs=0.05)
    assert number(hass, "cgm_high_limit") == pytest.approx(12.2, abs=0.05)
    entity_registry.async_update_entity_options(
        "sensor.t_slim_x2_glucose", "sensor", {"unit_of_measurement": "mg/dL"}
    )
    await hass.async_block_till_done()
    assert number(hass, "glucose") == 126


async def test_mg_dl_unless_told_otherwise(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    entity_registry: er.EntityRegistry,
) -> None:
    """One entity serves both units by Home Assistant's setting."""
    pump.read_glucose(126)
    await show(hass, tandem)
    assert number(hass, "glucose") == 126
    entity_registry.async_update_entity_options(
        "sensor.t_slim_x2_glucose", "sensor", {"unit_of_measurement": MMOL_L}
    )
    await hass.async_block_till_done()
    assert number(hass, "glucose") == pytest.approx(7.0, abs=0.05)


@pytest.mark.parametrize(
    ("options", "shares"),
    [
        ({}, (25, 25, 50)),
        ({CONF_LOW_LIMIT: 60}, (0, 50, 50)),
        ({CONF_HIGH_LIMIT: 200}, (25, 50, 25)),
    ],
)
async def test_limits_of_the_account_or_ones_own(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    options: dict[str, int],
    shares: tuple[int, int, int],
) -> None:
    """Time in range goes by the account's limits unless there are others in the options."""
    [account] = tandem.accounts.values()
    account.low_limit, account.high_limit = 80, 160
    for minutes, glucose in ((20, 75), (15, 100), (10, 170), (5, 250)):
        pump.read_glucose(glucose, ago=timedelta(minutes=minutes))
    await show(hass, tandem, **options)
    parts = ("time_below_range", "time_in_range", "time_above_range")
    assert tuple(number(hass, part) for part in parts) == shares


async def test_the_usual_limits_where_the_account_has_none(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """70 to 180 mg/dL."""
    [account] = tandem.accounts.values()
    account.overrides = {"lowGlucoseThreshold": None, "highGlucoseThreshold": None}
    for minutes, glucose in ((20, 69), (15, 70), (10, 180), (5, 181)):
        pump.read_glucose(glucose, ago=timedelta(minutes=minutes))
    await show(hass, tandem)
    assert number(hass, "time_in_range") == 50


async def test_totals_begin_anew_at_midnight(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """At Home Assistant's midnight they are unknown, until an event of the new day has come."""
    pump.run_until(MIDNIGHT + timedelta(hours=23, minutes=50))
    pump.give_bolus(3.0, 25)
    pump.run_until(MIDNIGHT + timedelta(hours=23, minutes=58))
    freezer.move_to(pump.now)
    entry = await show(hass, tandem, **{CONF_STALE_AFTER: 600})
    keys = ("basal_today", "bolus_today", "insulin_today", "carbs_today")
    assert number(hass, "bolus_today") == pytest.approx(3.0, abs=0.01)
    assert number(hass, "carbs_today") == 25
    assert number(hass, "bolus_count_today") == 1
    await pass_time(hass, freezer)
    assert not any(unknown(hass, key) for key in keys)
    await pass_time(hass, freezer)
    assert all(unknown(hass, key) for key in (*keys, "bolus_count_today"))
    await pass_time(hass, freezer, until=MIDNIGHT + timedelta(days=1, minutes=30))
    await upload(hass, entry, tandem)
    assert number(hass, "basal_today") == pytest.approx(
        pump.basal_delivered(MIDNIGHT + timedelta(days=1), pump.instants[-1]), abs=0.01
    )
    assert number(hass, "bolus_today") == 0
    assert number(hass, "carbs_today") == 0


async def test_the_reservoir(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Unknown before anything was read, and after a fill that was not recorded until the next reading."""
    entry = await show(hass, tandem)
    assert unknown(hass, "reservoir")
    assert attributes(hass, "reservoir")["as_of"] is None
    await pass_time(hass, freezer)
    pump.run_until(datetime.now(UTC))
    pump.change_site(180.0, recorded=False)
    await pass_time(hass, freezer, timedelta(minutes=3))
    await upload(hass, entry, tandem)
    assert unknown(hass, "reservoir")
    assert not unknown(hass, "cartridge_changed")
    assert attributes(hass, "tubing_filled")["amount"] is None
    await pass_time(hass, freezer, timedelta(minutes=20))
    await upload(hass, entry, tandem)
    assert number(hass, "reservoir") == pytest.approx(pump.reservoir.left, abs=1.01)
    details = attributes(hass, "reservoir")
    assert (details["reading"], details["filled"]) == (165, 180)
    assert details["read_at"] < details["as_of"]


async def test_modes_since_they_began(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What midnight tells again did not begin at midnight."""
    pump.start_mode(Mode.SLEEP)
    pump.settle_control()
    began = pump.now
    pump.run_for(hours=1)
    pump.log_event(313, pumpControlState=2, usermode=1, sensorType=3)
    pump.run_for(minutes=1)
    freezer.move_to(pump.now)
    await show(hass, tandem)
    assert shown(hass, "sensor.activity_mode").state == "sleep"
    assert attributes(hass, "activity_mode")["since"] == began.isoformat()
    assert shown(hass, "sensor.control_mode").state == "waiting"
    assert attributes(hass, "control_mode")["since"] == began.isoformat()
    assert shown(hass, "sensor.cgm_type").state == "dexcom_g7"


async def test_an_alarm_that_nobody_knows(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """A number without a meaning is unknown by name and told by number; a malfunction has its own."""
    pump.log_event(4, alertId=251)
    pump.provoke_malfunction(9)
    await show(hass, tandem)
    assert shown(hass, "sensor.last_alert").state == "unknown"
    assert attributes(hass, "last_alert")["number"] == 251
    assert shown(hass, "sensor.last_alarm").state == "malfunction"
    assert attributes(hass, "last_alarm")["number"] == 9
    assert attributes(hass, "last_alarm")["cleared"] is None
    assert attributes(hass, "alerts_active")["alarms"] == ["malfunction"]
    assert number(hass, "alerts_active") == 2


async def test_what_is_raised_stays_counted(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A count of alerts outlasts the limit as they do; that there are none does not."""
    entry = await show(hass, tandem, **{CONF_STALE_AFTER: 60})
    assert number(hass, "alerts_active") == 0
    await pass_time(hass, freezer, timedelta(minutes=61))
    assert unknown(hass, "alerts_active")
    pump.run_until(datetime.now(UTC))
    pump.provoke_cgm_alert(2)
    await upload(hass, entry, tandem)
    assert number(hass, "alerts_active") == 1
    await tandem.stop()
    await pass_time(hass, freezer, timedelta(minutes=61))
    assert number(hass, "alerts_active") == 1
    assert attributes(hass, "alerts_active")["cgm_alerts"] == ["high"]


async def test_a_pump_whose_settings_are_not_told(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """Without settings there is no profile, no limit and no estimate."""
    pump.give_bolus(2.0)
    [account] = tandem.accounts.values()
    account.pumps[0].overrides = {"settings": None}
    await show(hass, tandem)
    for key in (
        "active_profile",
        "max_bolus",
        "control_iq_weight",
        "cgm_high_limit",
        "insulin_on_board_estimate",
        "insulin_on_board_ends",
    ):
        assert unknown(hass, key), key
    assert "schedule" not in attributes(hass, "active_profile")


async def test_a_weight_without_its_unit_is_not_shown(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """160 of what, pounds or kilograms, would be a guess."""
    [account] = tandem.accounts.values()
    details = {**pump.settings, "controlIqSettings": {"weight": 160}}
    account.pumps[0].overrides = {"settings": {"details": details}}
    await show(hass, tandem)
    assert unknown(hass, "control_iq_weight")
    assert number(hass, "max_bolus") == 25


async def test_a_sensor_session(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Once a session has ended it no longer expires, and it is known how long it lasted."""
    day = 86400
    session = {"sessionStartTime": 5 * day, "sessionDuration": 10}
    pump.log_event(213, currentTransmitterTime=13 * day, **session)
    entry = await show(hass, tandem)
    started = NOON - timedelta(days=8)
    assert shown(hass, "sensor.sensor_started").state == utc(started)
    assert shown(hass, "sensor.sensor_expires").state == utc(NOON + timedelta(days=2))
    assert shown(hass, "sensor.transmitter_expires").state == utc(
        NOON + timedelta(days=77)
    )
    assert shown(hass, "sensor.cgm_type").state == "dexcom_g6"
    assert unknown(hass, "sensor_session_ended")
    await pass_time(hass, freezer, timedelta(hours=12))
    pump.run_until(datetime.now(UTC))
    clock = 13 * day + day // 2
    pump.log_event(
        214,
        **session,
        currentTransmitterTime=clock,
        sessionStopTime=clock,
        sessionStopReason=5,
    )
    await upload(hass, entry, tandem)
    assert unknown(hass, "sensor_expires")
    assert shown(hass, "sensor.sensor_session_ended").state == utc(pump.now)
    assert attributes(hass, "transmitter_expires")["started"] == utc(
        NOON - timedelta(days=13)
    )
    ended = attributes(hass, "sensor_session_ended")
    assert (ended["reason"], ended["worn_days"]) == (5, 8.5)


async def test_without_any_data_nothing_is_said(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """An account without a pump has entities that know nothing."""
    [account] = tandem.accounts.values()
    account.pumps.clear()
    await show(hass, tandem)
    states = {state.state for state in hass.states.async_all("sensor")}
    assert states == {STATE_UNKNOWN}


def utc(instant: datetime) -> str:
    """An instant as the state of a timestamp."""
    return instant.astimezone(UTC).isoformat()
