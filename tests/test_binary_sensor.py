"""Binary sensors: alarms stay on until they are cleared, and old data is reported as old."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import re

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.assist.exposed_accounts import WHY_STALE
from custom_components.tconnectsync.const import CONF_STALE_AFTER
from demo.pump import SimulatedPump
from demo.tandem import Fault, SimulatedTandem
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import HomeAssistant

from .account import poll
from .conftest import NOON
from .entity_states import live, pass_time, quiet_pump, show, shown, upload

pytestmark = pytest.mark.usefixtures("recorder_mock")
HOUR = {CONF_STALE_AFTER: 60}
ROOT = Path(__file__).parent.parent
INTEGRATION = ROOT / "custom_components" / "tconnectsync"
BLUEPRINTS = ROOT / "blueprints" / "automation" / "tconnectsync"


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump."""
    return quiet_pump(freezer)


def is_on(hass: HomeAssistant, key: str) -> bool | None:
    """Return whether a binary sensor is on, or None while it is unknown."""
    state = shown(hass, f"binary_sensor.{key}").state
    return {STATE_ON: True, STATE_OFF: False, STATE_UNKNOWN: None}[state]


async def test_what_is_raised_stays_raised(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Alarms, alerts and suspensions stay on until an event ends them, however old they are."""
    pump.provoke_alert(0)
    pump.provoke_alarm(2)
    await show(hass, tandem, **HOUR)
    keys = ("alarm", "alert", "suspended")
    assert [is_on(hass, key) for key in keys] == [True, True, True]
    await tandem.stop()
    await pass_time(hass, freezer, timedelta(hours=2), until=NOON + timedelta(days=1))
    assert [is_on(hass, key) for key in keys] == [True, True, True]
    assert is_on(hass, "data_out_of_date") is True
    alarm = shown(hass, "binary_sensor.alarm").attributes
    assert (alarm["raised"], alarm["since"]) == (["occlusion"], pump.now.isoformat())
    suspended = shown(hass, "binary_sensor.suspended").attributes
    assert (suspended["reason"], suspended["since"]) == ("alarm", pump.now.isoformat())


async def test_off_turns_unknown(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A sensor that is off, and a closed loop, are only known as of the newest event, and turn unknown after it."""
    pump.log_event(230, currentPcm=3, previousPcm=1, closedLoopPreferred=1)
    await show(hass, tandem, **HOUR)
    keys = ("alarm", "alert", "suspended", "closed_loop")
    await pass_time(hass, freezer, until=NOON + timedelta(minutes=60))
    assert [is_on(hass, key) for key in keys] == [False, False, False, True]
    assert is_on(hass, "data_out_of_date") is False
    await pass_time(hass, freezer)
    assert [is_on(hass, key) for key in keys] == [None, None, None, None]
    assert is_on(hass, "data_out_of_date") is True


async def test_what_is_cleared_is_off(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An alarm ends with the next delivery, an alert when the pump clears it."""
    pump.provoke_alert(0)
    pump.provoke_alarm(2)
    entry = await show(hass, tandem)
    await live(hass, freezer, pump, timedelta(minutes=6))
    pump.clear_alert(0)
    pump.resume()
    await upload(hass, entry, tandem)
    assert [is_on(hass, key) for key in ("alarm", "alert", "suspended")] == [False] * 3
    assert shown(hass, "binary_sensor.alarm").attributes["raised"] == []
    assert "since" not in shown(hass, "binary_sensor.suspended").attributes


async def test_an_alert_of_the_sensor_is_none_of_the_pump(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """High glucose is a CGM alert and does not turn on the pump's alert."""
    pump.provoke_cgm_alert(2)
    await show(hass, tandem)
    assert [is_on(hass, key) for key in ("alarm", "alert")] == [False, False]


@pytest.mark.parametrize(
    ("number", "reason"),
    [(0, "user"), (1, "alarm"), (2, "malfunction"), (6, "low_glucose"), (99, None)],
)
async def test_why_it_is_suspended(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    number: int,
    reason: str | None,
) -> None:
    """The reason of a suspension is shown in words, or left out if its code is unknown."""
    pump.log_event(11, suspendReason=number, insulinAmount=100)
    await show(hass, tandem)
    assert is_on(hass, "suspended") is True
    suspended = shown(hass, "binary_sensor.suspended").attributes
    assert (suspended["reason"], suspended["since"]) == (reason, pump.now.isoformat())


@pytest.mark.parametrize(
    ("code", "reason"), [(3, "shut_down"), (53, "shelf_mode"), (99, "restarted")]
)
async def test_a_pump_that_is_off(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    code: int,
    reason: str,
) -> None:
    """A pump that is switched off delivers nothing, and the reason says so."""
    pump.log_event(code, commandedBasalRate=0.0, changeType=[6])
    await show(hass, tandem)
    assert is_on(hass, "suspended") is True
    suspended = shown(hass, "binary_sensor.suspended").attributes
    assert (suspended["reason"], suspended["since"]) == (reason, pump.now.isoformat())
    basal = shown(hass, "sensor.basal_rate")
    assert float(basal.state) == 0
    assert basal.attributes["source"] == ("suspended" if code == 99 else "off")


async def test_a_pump_that_tells_no_rate(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Delivery turns unknown when the pump's basal rate is overdue."""
    pump.basal.logs_deliveries = False
    since = pump.now + timedelta(minutes=5)
    freezer.tick(timedelta(minutes=16))
    pump.run_until(datetime.now(UTC))
    pump.read_glucose(120)
    await show(hass, tandem)
    assert is_on(hass, "suspended") is None
    suspended = shown(hass, "binary_sensor.suspended").attributes
    assert (suspended["reason"], suspended["since"]) == ("not_known", since.isoformat())
    basal = shown(hass, "sensor.basal_rate")
    assert basal.state == STATE_UNKNOWN
    assert basal.attributes["source"] == "not_known"
    assert basal.attributes["since"] == since.isoformat()


async def test_a_pump_whose_alarm_was_cleared(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """Delivery is unknown after an alarm was cleared until the pump reports it."""
    pump.basal.logs_deliveries = False
    pump.log_event(5, alarmId=2)
    pump.log_event(28, alarmId=2)
    await show(hass, tandem)
    assert is_on(hass, "alarm") is False
    assert is_on(hass, "suspended") is None


async def test_the_loop_as_wished_and_as_it_is(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """The loop is not closed while Control-IQ is on but waits for the sensor."""
    pump.log_event(230, currentPcm=2, previousPcm=3, closedLoopPreferred=1)
    await show(hass, tandem)
    assert is_on(hass, "closed_loop") is False
    assert shown(hass, "binary_sensor.closed_loop").attributes["preferred"] is True


async def test_a_loop_of_a_mode_that_is_not_known(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """An unknown mode leaves the loop unknown, while the setting is still shown."""
    pump.log_event(230, currentPcm=3, previousPcm=1, closedLoopPreferred=1)
    pump.log_event(230, currentPcm=4, previousPcm=3, closedLoopPreferred=1)
    await show(hass, tandem)
    assert is_on(hass, "closed_loop") is None
    assert shown(hass, "binary_sensor.closed_loop").attributes["preferred"] is True


async def test_data_gets_stale_while_nothing_is_uploaded(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Data turns stale after the limit; the reason is the missing upload, and the age is shown."""
    entry = await show(hass, tandem)
    assert is_on(hass, "data_out_of_date") is False
    assert shown(hass, "binary_sensor.data_out_of_date").attributes["reason"] is None
    await pass_time(hass, freezer, timedelta(hours=1), until=NOON + timedelta(hours=5))
    assert is_on(hass, "data_out_of_date") is True
    stale = shown(hass, "binary_sensor.data_out_of_date").attributes
    assert (stale["reason"], stale["hours"]) == ("pump_not_uploading", 5)
    assert stale["newest_event"] == pump.instants[-1].isoformat()
    await upload(hass, entry, tandem)
    assert is_on(hass, "data_out_of_date") is False


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({}, "upload_without_new_events"),
        ({"maxDateOfEvents": "2099-01-01T00:00:00"}, "upload_without_new_events"),
        ({"maxDateOfEvents": "2026-05-20T20:30:00"}, "upload_not_shown"),
    ],
)
async def test_uploads_that_bring_nothing(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
    *,
    named: dict[str, str],
    reason: str,
) -> None:
    """Uploads without new data are reported as such: the pump is out of range, or Tandem lacks its data."""
    entry = await show(hass, tandem, **HOUR)
    await pass_time(hass, freezer, timedelta(hours=2))
    [account] = tandem.accounts.values()
    account.pumps[0].upload(until=NOON)
    account.pumps[0].overrides |= named
    await pass_time(hass, freezer, timedelta(minutes=6))
    assert entry.runtime_data.coordinator.data.last_upload > NOON
    stale = shown(hass, "binary_sensor.data_out_of_date")
    assert stale.state == STATE_ON
    assert stale.attributes["reason"] == reason


async def test_tandem_does_not_answer(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Errors at Tandem do not make data stale, but are the reason once it is."""
    await show(hass, tandem, **HOUR)
    await tandem.stop()
    await pass_time(
        hass, freezer, timedelta(minutes=5), until=NOON + timedelta(minutes=60)
    )
    assert is_on(hass, "data_out_of_date") is False
    await pass_time(hass, freezer, timedelta(minutes=5))
    stale = shown(hass, "binary_sensor.data_out_of_date")
    assert stale.state == STATE_ON
    assert stale.attributes["reason"] == "tandem_not_answering"


def _refuse_password(tandem: SimulatedTandem) -> None:
    [account] = tandem.accounts.values()
    account.password = "another one"
    tandem.sign_in.expire_tokens()
    tandem.sign_in.end_sessions()


def _change_service(tandem: SimulatedTandem) -> None:
    tandem.faults.add(Fault(path="/pumper/", change=lambda answer: {}, times=None))


def _be_away(tandem: SimulatedTandem) -> None:
    tandem.faults.add(Fault(status=503, times=None))


def _show_no_pump(tandem: SimulatedTandem) -> None:
    [account] = tandem.accounts.values()
    account.wears_pump = False
    tandem.sign_in.expire_tokens()


@pytest.mark.usefixtures("pump")
@pytest.mark.parametrize(
    ("fail", "reason"),
    [
        (_refuse_password, "sign_in_refused"),
        (_change_service, "reading_failed"),
        (_be_away, "tandem_not_answering"),
        (_show_no_pump, "reading_failed"),
    ],
)
async def test_tandem_is_blamed_for_nothing_else(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
    *,
    fail: Callable[[SimulatedTandem], None],
    reason: str,
) -> None:
    """A refused password and an unreadable answer have reasons of their own, unlike an outage."""
    entry = await show(hass, tandem, **HOUR)
    fail(tandem)
    await pass_time(hass, freezer, timedelta(hours=2))
    await poll(hass, entry)
    stale = shown(hass, "binary_sensor.data_out_of_date")
    assert stale.attributes["reason"] == reason


async def test_an_account_without_a_pump(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """An account without a pump counts as stale."""
    [account] = tandem.accounts.values()
    account.pumps.clear()
    await show(hass, tandem)
    stale = hass.states.get("binary_sensor.tandem_pump_data_out_of_date")
    alarm = hass.states.get("binary_sensor.tandem_pump_alarm")
    assert stale
    assert alarm
    assert (stale.state, alarm.state) == (STATE_ON, STATE_UNKNOWN)
    assert stale.attributes["newest_event"] is None


async def test_a_corrupted_log(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """States are unknown after a corrupted log, which may have contained an alarm, a mode or a new site."""
    pump.change_site(200)
    freezer.tick(timedelta(minutes=5))
    pump.run_until(datetime.now(UTC))
    pump.log_event(230, currentPcm=3, previousPcm=1, closedLoopPreferred=1)
    keys = ("alarm", "alert", "closed_loop")
    entry = await show(hass, tandem)
    assert [is_on(hass, key) for key in keys] == [False, False, True]
    site = shown(hass, "sensor.site_changed").state
    assert site != STATE_UNKNOWN
    pump.log_event(60, block=1, reason=1)
    await pass_time(hass, freezer, timedelta(minutes=5))
    await upload(hass, entry, tandem)
    assert [is_on(hass, key) for key in keys] == [None, None, None]
    assert shown(hass, "sensor.site_changed").state == STATE_UNKNOWN
    assert shown(hass, "binary_sensor.closed_loop").attributes["preferred"] is None
    pump.provoke_alarm(2)
    pump.log_event(230, currentPcm=1, previousPcm=3, closedLoopPreferred=0)
    await pass_time(hass, freezer, timedelta(minutes=5))
    await upload(hass, entry, tandem)
    assert [is_on(hass, key) for key in keys] == [True, None, False]


def test_every_reason_for_old_data_has_words_wherever_it_is_told() -> None:
    """Each reason is translated on the entity, for assistants and in both blueprints."""
    entities = json.loads((INTEGRATION / "translations" / "en.json").read_text())
    told = entities["entity"]["binary_sensor"]["data_stale"]["state_attributes"]
    assert told["reason"]["state"].keys() == WHY_STALE.keys()
    for blueprint, languages in (("ask_the_pump", 8), ("upload_stalled", 1)):
        text = (BLUEPRINTS / f"{blueprint}.yaml").read_text()
        for reason in WHY_STALE:
            assert len(re.findall(rf"^ +{reason}: ", text, re.MULTILINE)) == languages
