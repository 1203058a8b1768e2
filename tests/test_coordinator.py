"""The coordinator polls an account, stores, derives and publishes its data, and recovers from errors."""

from datetime import UTC, datetime, timedelta
import logging
from unittest.mock import patch
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.tconnectsync.const import CONF_PUMP, DOMAIN
from demo.nightscout import SimulatedNightscout
from demo.nightscout.faults import Fault as NightscoutFault
from demo.pump import SimulatedPump
from demo.tandem import Fault, SimulatedTandem
from demo.tandem.account import ListedPump
from demo.tandem.faults import FIREWALL
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .account import add_entry, poll, settle, start, upload_later
from .conftest import EMAIL, NOON, TIME_ZONE, full_disk
from .entity_states import everything_enabled, pass_time, pump_after_bolus, shown

pytestmark = pytest.mark.usefixtures(
    "event_loop_debug", "recorder_mock", "no_pauses_between_reads"
)

HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)
POLL = timedelta(minutes=5)
SECOND_SERIAL = "44332211"


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump that gave a bolus an hour ago."""
    return pump_after_bolus(freezer)


@pytest.fixture
def entry(entry: MockConfigEntry, tandem: SimulatedTandem) -> MockConfigEntry:
    """The account, set up without errors; requests count from then on."""
    tandem.requests.clear()
    return entry


def second_pump(
    tandem: SimulatedTandem, end: datetime = NOON, *, ahead: timedelta = timedelta()
) -> ListedPump:
    """Add another pump of the user that ran for an hour and uploaded, optionally with its clock ahead."""
    pump = SimulatedPump(
        start=end - HOUR,
        time_zone=ZoneInfo(TIME_ZONE),
        serial_number=SECOND_SERIAL,
        model="Mobi",
        quiet=True,
    )
    pump.clock.offset += ahead // timedelta(seconds=1)
    pump.run_until(end)
    listed = tandem.accounts[EMAIL.lower()].add_pump(pump)
    listed.upload(at=end)
    return listed


def upload(listed: ListedPump, freezer: FrozenDateTimeFactory, units: float) -> None:
    """Let the pump give a bolus and upload an hour later."""
    assert isinstance(listed.pump, SimulatedPump)
    listed.pump.run_until(datetime.now(UTC))
    listed.pump.give_bolus(units)
    upload_later(freezer, listed)


class TestPolling:
    """Polls of the account."""

    async def test_nothing_new_is_one_request(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        tandem: SimulatedTandem,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """An account without new data is polled every five minutes with a single request."""
        await pass_time(hass, freezer, timedelta(minutes=4))
        assert tandem.requests == []
        await pass_time(hass, freezer, timedelta(minutes=1, seconds=1))
        assert [seen.path.split("/")[-2] for seen in tandem.requests] == ["pumper"]

    async def test_a_new_upload_is_published(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """A new upload is published with the next poll."""
        upload(listed, freezer, 4)
        await pass_time(hass, freezer, POLL + timedelta(seconds=1))
        assert shown(hass, "sensor.last_bolus").state == "4.0"

    async def test_it_goes_on_without_entities(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        tandem: SimulatedTandem,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Polling continues without entities, because Nightscout and statistics need it too."""
        registry = er.async_get(hass)
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
            registry.async_remove(entity.entity_id)
        await settle(hass)
        tandem.requests.clear()
        await pass_time(hass, freezer, POLL + timedelta(seconds=1))
        assert tandem.count("/pumper/") == 1

    async def test_unchanged_data_is_not_published_anew(
        self, hass: HomeAssistant, entry: MockConfigEntry
    ) -> None:
        """A poll without changes keeps the derived data."""
        published = entry.runtime_data.coordinator.data
        coordinator = await poll(hass, entry)
        assert coordinator.data is published
        assert coordinator.confirmed

    async def test_other_limits_of_the_account(
        self, hass: HomeAssistant, entry: MockConfigEntry, tandem: SimulatedTandem
    ) -> None:
        """Changed glucose limits apply with the next poll, without an upload."""
        tandem.accounts[EMAIL.lower()].low_limit = 80
        coordinator = await poll(hass, entry)
        low, high = coordinator.data.glucose_limits
        assert (low, high) == (80, 180)
        assert tandem.count("/pump-logs/") == 0

    async def test_late_data_is_published(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        listed: ListedPump,
        pump: SimulatedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """The daily check finds data that arrives days late without an upload date."""
        bolus = pump.give_bolus(7)
        freezer.tick(HOUR)
        pump.run_until(datetime.now(UTC))
        late = listed.upload(
            hold_back=lambda raw: raw["eventProperties"].get("bolusId") == bolus
        )
        assert late
        for _ in range(3):
            upload(listed, freezer, 1)
            freezer.tick(ONE_DAY - HOUR)
        listed._held, held = [], listed._held  # noqa: SLF001 - not shown by the next upload either
        await poll(hass, entry)
        for raw in held:
            listed._show(raw)  # noqa: SLF001 - shown late, without a new upload
        freezer.tick(ONE_DAY)
        await poll(hass, entry)
        assert 7 in {
            bolus.delivered
            for bolus in entry.runtime_data.coordinator.data.history.boluses
        }


class TestErrors:
    """Errors of Tandem Source."""

    @pytest.mark.parametrize(
        ("fault", "key"),
        [
            (Fault(path="/pumper/", status=500), "tandem_busy"),
            (Fault(path="/pumper/", status=403, body=FIREWALL), "tandem_busy"),
            (Fault(path="/pumper/", status=404), "tandem_changed"),
            (Fault(path="/pumper/", change=list), "tandem_changed"),
            (Fault(path="/pumper/", cut=20), "tandem_unreachable"),
        ],
    )
    async def test_it_is_logged_in_its_own_words(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        tandem: SimulatedTandem,
        *,
        caplog: pytest.LogCaptureFixture,
        fault: Fault,
        key: str,
    ) -> None:
        """An error is logged once, and once when it is over; entities keep their states meanwhile."""
        fault.times = 3
        tandem.faults.add(fault)
        caplog.clear()
        coordinator = await poll(hass, entry, times=3)
        assert coordinator.last_exception is not None
        assert getattr(coordinator.last_exception, "translation_key", None) == key
        assert shown(hass, "sensor.last_bolus").state == "2.5"
        fault.times = 0
        await poll(hass, entry)
        levels = [
            record.levelname
            for record in caplog.records
            if record.name.startswith("custom_components") and record.levelno > 10
        ]
        assert levels == ["ERROR", "INFO"]

    @pytest.mark.parametrize(
        ("error", "logged"),
        [
            (
                HomeAssistantError(
                    translation_domain=DOMAIN,
                    translation_key="cannot_read_store",
                    translation_placeholders={"reason": "broken"},
                ),
                "from disk (broken)",
            ),
            (HomeAssistantError("nobody foresaw this"), "nobody foresaw this"),
        ],
    )
    async def test_what_is_none_of_tandems_is_logged_with_its_reason(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        caplog: pytest.LogCaptureFixture,
        *,
        error: HomeAssistantError,
        logged: str,
    ) -> None:
        """Errors that are not Tandem's are logged with their reason, with or without a translation."""
        caplog.clear()
        with patch.object(entry.runtime_data.reader, "poll", side_effect=error):
            coordinator = await poll(hass, entry)
        assert not coordinator.last_update_success
        errors = [one for one in caplog.records if one.levelno >= logging.ERROR]
        assert logged in "".join(map(logging.Formatter().format, errors))

    async def test_unreachable_and_back(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        tandem: SimulatedTandem,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Values become unknown in an outage, and recover after it."""
        await tandem.stop()
        await pass_time(hass, freezer, POLL + timedelta(seconds=1))
        assert float(shown(hass, "sensor.insulin_on_board").state) > 0
        await pass_time(hass, freezer, 2 * HOUR)
        assert shown(hass, "sensor.insulin_on_board").state == "unknown"
        assert shown(hass, "sensor.last_bolus").state == "2.5"
        upload(listed, freezer, 4)
        await tandem.start()
        await pass_time(hass, freezer, POLL + timedelta(seconds=1))
        assert shown(hass, "sensor.last_bolus").state == "4.0"
        assert float(shown(hass, "sensor.insulin_on_board").state) > 0

    async def test_a_service_that_names_its_time_is_left_in_peace(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        tandem: SimulatedTandem,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """The account is not polled before the time in Retry-After."""
        tandem.faults.add(
            Fault(path="/pumper/", status=429, headers={"Retry-After": "1800"})
        )
        await poll(hass, entry)
        tandem.requests.clear()
        await pass_time(hass, freezer, timedelta(minutes=29))
        assert tandem.requests == []
        await pass_time(hass, freezer, timedelta(minutes=2))
        assert tandem.count("/pumper/") == 1
        assert entry.runtime_data.coordinator.last_update_success

    async def test_refused_sign_in_asks_for_the_password(
        self, hass: HomeAssistant, entry: MockConfigEntry, tandem: SimulatedTandem
    ) -> None:
        """Reauthentication starts once, and stored values are still shown."""
        tandem.accounts[EMAIL.lower()].password = "another"
        tandem.sign_in.expire_tokens()
        tandem.sign_in.end_sessions()
        await poll(hass, entry, times=3)
        flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH]
        assert tandem.count("/login") == 1
        assert shown(hass, "sensor.last_bolus").state == "2.5"

    async def test_a_read_that_breaks_off_is_made_good(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        tandem: SimulatedTandem,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """The data of an interrupted read is published with the rest by the next poll."""
        upload(listed, freezer, 4)
        tandem.faults.add(Fault(path="/pump-logs/", status=502, skip=1))
        coordinator = await poll(hass, entry)
        assert not coordinator.last_update_success
        await poll(hass, entry)
        assert shown(hass, "sensor.last_bolus").state == "4.0"

    async def test_error_while_looking_for_late_data(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        tandem: SimulatedTandem,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """An error of the check for late data is not reported, and the check is repeated an hour later."""
        tandem.faults.add(Fault(path="/pump-logs/", status=502))
        freezer.tick(ONE_DAY)
        coordinator = await poll(hass, entry)
        assert coordinator.last_update_success
        assert tandem.count("/pump-logs/") == 1
        await poll(hass, entry)
        assert tandem.count("/pump-logs/") == 1
        freezer.tick(HOUR)
        await poll(hass, entry)
        assert tandem.count("/pump-logs/") == 11

    async def test_a_disk_that_cannot_be_written(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
        *,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Data that cannot be saved is still published, since it may contain an alarm; the error is logged."""

        upload(listed, freezer, 4)
        caplog.set_level(logging.INFO)
        with full_disk():
            coordinator = await poll(hass, entry)
            assert not coordinator.last_update_success
            assert shown(hass, "sensor.last_bolus").state == "4.0"
            upload(listed, freezer, 3)
            await poll(hass, entry)
            assert not coordinator.last_update_success
            assert shown(hass, "sensor.last_bolus").state == "3.0"
        assert "No space left on device" in caplog.text
        assert (await poll(hass, entry)).last_update_success
        assert await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
        assert shown(hass, "sensor.last_bolus").state == "3.0"


class TestPumps:
    """The entities show the pump in use."""

    async def test_the_device_shows_it(
        self, hass: HomeAssistant, entry: MockConfigEntry, pump: SimulatedPump
    ) -> None:
        """The device has the model, version and serial number of the pump."""
        (device,) = dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        assert device.name == device.model == "t:slim X2"
        assert device.manufacturer == "Tandem Diabetes Care"
        assert device.serial_number == pump.serial_number
        assert device.sw_version == "7.8.0.0"

    async def test_a_replacement_takes_over(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        tandem: SimulatedTandem,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """A new pump uses the existing device and entities."""
        entities = set(hass.states.async_entity_ids())
        freezer.tick(HOUR)
        second = second_pump(tandem, datetime.now(UTC))
        upload(second, freezer, 1.5)
        await poll(hass, entry)
        assert shown(hass, "sensor.last_bolus").state == "1.5"
        assert set(hass.states.async_entity_ids()) == entities
        (device,) = dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        assert (device.model, device.serial_number) == ("Mobi", SECOND_SERIAL)

    async def test_a_chosen_pump_stays(
        self,
        hass: HomeAssistant,
        tandem: SimulatedTandem,
        pump: SimulatedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Uploads of another pump do not replace a pump that the user chose."""
        entry = add_entry(hass, tandem, {CONF_PUMP: pump.serial_number})
        await start(hass, entry)
        freezer.tick(HOUR)
        second = second_pump(tandem, datetime.now(UTC))
        upload(second, freezer, 1.5)
        await poll(hass, entry)
        assert shown(hass, "sensor.last_bolus").state == "2.5"

    @pytest.mark.parametrize("wrong", [{"status": 404}, {"status": 503}, {"cut": 9}])
    async def test_a_pump_that_cannot_be_read_holds_up_no_other(
        self,
        hass: HomeAssistant,
        tandem: SimulatedTandem,
        nightscout: SimulatedNightscout,
        wrong: dict[str, int],
    ) -> None:
        """A pump with an unreadable log delays neither the entities nor the documents of the pump in use."""
        old = second_pump(tandem, NOON - 5 * ONE_DAY)
        tandem.faults.add(
            Fault(
                path=old.pump.assignment_id,
                status=wrong.get("status"),
                cut=wrong.get("cut"),
                times=None,
            )
        )
        entry = add_entry(hass, tandem, nightscout=nightscout)
        await start(hass, entry)
        assert shown(hass, "sensor.last_bolus").state == "2.5"
        sent = nightscout.documents("treatments")
        assert [document for document in sent if document.get("insulin") == 2.5]

    async def test_sums_wait_for_a_pump_that_was_in_use_today(
        self,
        hass: HomeAssistant,
        tandem: SimulatedTandem,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Today's totals are unknown until the log of the other pump is read."""
        old = second_pump(tandem, NOON - HOUR)
        fault = Fault(path=old.pump.assignment_id, status=503, times=None)
        tandem.faults.add(fault)
        entry = add_entry(hass, tandem)
        await start(hass, entry)
        assert shown(hass, "sensor.last_bolus").state == "2.5"
        assert shown(hass, "sensor.bolus_today").state == "unknown"
        tandem.faults.clear()
        freezer.tick(HOUR)
        await poll(hass, entry)
        assert shown(hass, "sensor.bolus_today").state == "2.5"

    async def test_sums_wait_for_what_a_pump_uploaded_last(
        self,
        hass: HomeAssistant,
        tandem: SimulatedTandem,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Totals are unknown while the last upload of a known pump cannot be read."""
        old = second_pump(tandem, NOON - HOUR)
        entry = add_entry(hass, tandem)
        await start(hass, entry)
        assert shown(hass, "sensor.bolus_today").state == "2.5"
        assert isinstance(old.pump, SimulatedPump)
        old.pump.run_until(NOON - HOUR / 2)
        old.pump.give_bolus(5.0)
        old.pump.run_for(minutes=4)
        old.upload()
        fault = Fault(path=old.pump.assignment_id, status=503, times=None)
        tandem.faults.add(fault)
        data = (await poll(hass, entry)).data
        assert data.pump is not None
        assert data.pump.serial_number != SECOND_SERIAL
        assert data.unread_until == old.pump.instants[-1].replace(microsecond=0)
        held = data.histories[SECOND_SERIAL]
        assert data.history.others_unread == ((held.newest, data.unread_until),)
        assert held.others_unread == ()
        assert shown(hass, "sensor.bolus_today").state == "unknown"
        assert data.figures.insulin_on_board_estimate is None
        assert data.state.insulin_on_board is None
        assert await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
        assert shown(hass, "sensor.bolus_today").state == "unknown"
        tandem.faults.clear()
        freezer.tick(HOUR)
        data = (await poll(hass, entry)).data
        assert shown(hass, "sensor.bolus_today").state == "7.5"
        assert data.history.others_unread == ()

    @pytest.mark.parametrize(("ahead", "known"), [(0, True), (3, False)])
    async def test_sums_leave_out_no_pump_whose_clock_is_wrong(
        self, hass: HomeAssistant, tandem: SimulatedTandem, ahead: int, known: bool
    ) -> None:
        """Totals are unknown if the clock of a pump that was in use today may be wrong."""
        old = second_pump(tandem, NOON - 4 * HOUR, ahead=ahead * HOUR)
        entry = add_entry(hass, tandem)
        await start(hass, entry)
        data = entry.runtime_data.coordinator.data
        assert data.pump is not None
        assert data.pump.serial_number != SECOND_SERIAL
        assert not data.history.clock_doubtful
        assert (shown(hass, "sensor.bolus_today").state != "unknown") == known
        assert (data.state.delivery_uncertain_until is None) == known
        if not known:
            assert data.state.delivery_uncertain_until is not None
            assert old.pump.instants[-1] <= data.state.delivery_uncertain_until
            assert data.figures.insulin_on_board_estimate is None
            assert data.figures.insulin_on_board_ends is None


class TestTime:
    """Values are never shown before they can be true."""

    async def test_a_clock_ahead_shows_nothing_of_the_future(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        pump: SimulatedPump,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Events after the upload time stay hidden until that time, and last values are unknown meanwhile."""
        pump.clock.offset += 3 * 3600
        upload(listed, freezer, 4)
        data = (await poll(hass, entry)).data
        assert data.history.boluses[-1].delivered == 2.5
        for _ in range(4):
            freezer.tick(HOUR)
            listed.upload()
            data = (await poll(hass, entry)).data
            assert shown(hass, "sensor.last_bolus").state == "unknown"
        assert data.history.boluses[-1].delivered == 4.0

    async def test_nor_where_tandem_does_not_tell_when_it_uploaded(
        self,
        hass: HomeAssistant,
        tandem: SimulatedTandem,
        pump: SimulatedPump,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Without an upload date, events after the time of reading stay hidden."""
        listed.overrides["lastUploadDate"] = None
        entry = add_entry(hass, tandem)
        with everything_enabled():
            assert await start(hass, entry)
        assert shown(hass, "sensor.last_bolus").state == "2.5"
        assert shown(hass, "sensor.last_upload").state == "unknown"
        pump.clock.offset += 12600
        upload(listed, freezer, 4)
        data = (await poll(hass, entry)).data
        assert data.history.boluses[-1].delivered == 2.5
        for _ in range(3):
            upload(listed, freezer, 1)
            data = (await poll(hass, entry)).data
            assert shown(hass, "sensor.last_bolus").state == "unknown"
        assert data.history.boluses[-1].delivered == 4.0

    async def test_the_minute_timer_judges_without_polls(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        tandem: SimulatedTandem,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Values become unknown without waiting for a poll."""
        await tandem.stop()
        freezer.move_to(NOON + 2 * HOUR + timedelta(minutes=6))
        async_fire_time_changed(hass)
        await settle(hass)
        assert shown(hass, "sensor.insulin_on_board").state == "unknown"


class TestNightscout:
    """Forwarding to Nightscout after new data."""

    async def test_error_is_tried_again_by_itself(
        self,
        hass: HomeAssistant,
        tandem: SimulatedTandem,
        nightscout: SimulatedNightscout,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """A failed upload to Nightscout is retried without new data from the pump."""
        nightscout.faults.add(NightscoutFault(path="/api/", status=503, times=None))
        entry = add_entry(hass, tandem, nightscout=nightscout)
        await start(hass, entry)
        assert not entry.runtime_data.forwarder.status.connected
        nightscout.faults.clear()
        await pass_time(hass, freezer, timedelta(minutes=2))
        assert entry.runtime_data.forwarder.status.connected
        assert nightscout.documents("treatments")

    async def test_its_device_goes_with_it(
        self, hass: HomeAssistant, forwarded: MockConfigEntry
    ) -> None:
        """The device of Nightscout is removed when it is removed from the account."""
        devices = dr.async_get(hass)
        assert len(dr.async_entries_for_config_entry(devices, forwarded.entry_id)) == 2
        data = {
            key: value
            for key, value in forwarded.data.items()
            if not key.startswith("nightscout")
        }
        hass.config_entries.async_update_entry(forwarded, data=data)
        await hass.config_entries.async_reload(forwarded.entry_id)
        await settle(hass)
        assert len(dr.async_entries_for_config_entry(devices, forwarded.entry_id)) == 1


class TestSync:
    """Immediate syncs with Tandem and Nightscout."""

    async def test_both_are_in_step_afterwards(
        self,
        hass: HomeAssistant,
        nightscout: SimulatedNightscout,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
        forwarded: MockConfigEntry,
    ) -> None:
        """After a sync, the latest upload is shown and sent."""
        upload(listed, freezer, 4)
        await forwarded.runtime_data.follow_ups.async_sync()
        assert shown(hass, "sensor.last_bolus").state == "4.0"
        sent = nightscout.documents("treatments")
        assert [document for document in sent if document.get("insulin") == 4]
        await settle(hass)

    async def test_error_at_tandem(
        self, hass: HomeAssistant, entry: MockConfigEntry, tandem: SimulatedTandem
    ) -> None:
        """An error at Tandem is raised to the caller."""
        tandem.faults.add(Fault(path="/pumper/", status=503))
        with pytest.raises(HomeAssistantError) as raised:
            await entry.runtime_data.follow_ups.async_sync()
        assert raised.value.translation_key == "tandem_busy"

    async def test_error_with_nightscout(
        self,
        hass: HomeAssistant,
        nightscout: SimulatedNightscout,
        listed: ListedPump,
        freezer: FrozenDateTimeFactory,
        forwarded: MockConfigEntry,
    ) -> None:
        """An error at Nightscout is raised, and the data that was read is still shown."""
        nightscout.api_secret = "another secret than before"
        upload(listed, freezer, 4)
        with pytest.raises(HomeAssistantError) as raised:
            await forwarded.runtime_data.follow_ups.async_sync()
        assert raised.value.translation_key == "nightscout_refused"
        assert shown(hass, "sensor.last_bolus").state == "4.0"
        await settle(hass)

    async def test_without_nightscout(
        self, hass: HomeAssistant, entry: MockConfigEntry, tandem: SimulatedTandem
    ) -> None:
        """Without Nightscout, only Tandem is polled."""
        await entry.runtime_data.follow_ups.async_sync()
        assert tandem.count("/pumper/") == 1


class TestLateData:
    """Late data of earlier days is published independently of polls."""

    async def test_it_hides_no_failed_poll(
        self, hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
    ) -> None:
        """Publishing late data does not hide the error of the last poll."""
        tandem.faults.add(Fault(path="/pumper/", status=500))
        coordinator = await poll(hass, entry)
        error, before = coordinator.last_exception, coordinator.data
        assert error is not None
        await coordinator.async_publish_late_data(NOON.date())
        assert coordinator.data is not before
        assert not coordinator.last_update_success
        assert coordinator.last_exception is error

    async def test_it_asks_no_more_with_a_password_that_was_refused(
        self,
        hass: HomeAssistant,
        tandem: SimulatedTandem,
        entry: MockConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """No requests are sent after a refused password until the user enters a new one."""
        tandem.accounts[EMAIL.lower()].password = "another"
        tandem.sign_in.expire_tokens()
        tandem.sign_in.end_sessions()
        coordinator = await poll(hass, entry)
        assert hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        tandem.requests.clear()
        await coordinator.async_publish_late_data(NOON.date())
        assert not coordinator.last_update_success
        await pass_time(hass, freezer, 3 * POLL)
        assert tandem.requests == []
