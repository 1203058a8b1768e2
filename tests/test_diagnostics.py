"""Diagnostics have the data that support needs, and nothing that identifies the user."""

from datetime import UTC, datetime, timedelta
from itertools import count
import json
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tconnectsync.const import CONF_FEATURES, CONF_PUMP
from custom_components.tconnectsync.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.tconnectsync.tandem.decode import DECODERS
from custom_components.tconnectsync.tandem.redaction import redacted_properties
from demo.nightscout import SimulatedNightscout
from demo.nightscout.faults import Fault as NightscoutFault
from demo.pump import SimulatedPump
from demo.pump.recorded import RecordedPump
from demo.tandem import Account, Fault, SimulatedTandem
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from .account import add_entry, poll, start
from .conftest import API_SECRET, EMAIL, PASSWORD, TIME_ZONE

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

UNUSED_SERIAL = "90556643"
TRANSMITTER = "8GXK2T"
TRANSMITTER_NUMBER = 987654321
MARK = 7_310_940_000
"""Start of a series of values that appear nowhere else."""
NAME = "Everyday"
UNKNOWN = range(500, 520)
PREDICTION = 140
"""Code of glucose predictions, which are stored for two days only."""


@pytest.fixture(autouse=True)
def person(tandem: SimulatedTandem, pump: SimulatedPump) -> None:
    """A named user with an unused pump and a pump that logs unknown events."""
    account = tandem.accounts[EMAIL.lower()]
    account.first_name, account.last_name = "Ada", "Lovelace"
    account.add_pump(RecordedPump(serial_number=UNUSED_SERIAL))
    pump.log_event(
        9999,
        alertId=7,
        level=70000,
        sensor=TRANSMITTER,
        transmitterId=TRANSMITTER_NUMBER,
        nothing=None,
    )
    pump.log_event(279, commandedRate="much")
    account.pumps[0].upload()


async def diagnostics_of(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return the diagnostics, and check that they identify nobody."""
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    text = json.dumps(diagnostics, default=str)
    assert [secret for secret in secrets(entry) if secret in text] == []
    return diagnostics


def secrets(entry: MockConfigEntry) -> list[str]:
    """Return all values that diagnostics must not have."""
    found = [
        EMAIL,
        PASSWORD,
        API_SECRET,
        entry.entry_id,
        entry.unique_id or "",
        UNUSED_SERIAL,
        "11223344",
        "Ada",
        "Lovelace",
        "1990-01-01",
        "Everyday",
        "Weekend",
        "localhost",
        TRANSMITTER,
        str(TRANSMITTER_NUMBER),
    ]
    if runtime := getattr(entry, "runtime_data", None):
        token = runtime.store.state.sign_in.token.as_dict()
        found += [token[key] for key in ("access_token", "pumper_id", "account_id")]
        found += [pump.assignment_id for pump in runtime.coordinator.data.pumper.pumps]
        found += [pump.serial_number for pump in runtime.coordinator.data.pumper.pumps]
    return found


async def test_every_part_is_in_the_diagnostics(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    nightscout: SimulatedNightscout,
    pump: SimulatedPump,
) -> None:
    """The diagnostics cover the account, reading, each pump with its log, and Nightscout."""
    entry = add_entry(
        hass,
        tandem,
        {CONF_PUMP: pump.serial_number, CONF_FEATURES: ["basal", "bolus"]},
        nightscout=nightscout,
    )
    await start(hass, entry)
    await poll(hass, entry)
    found = await diagnostics_of(hass, entry)
    assert list(found) == ["account", "reading", "pumps", "now", "nightscout"]
    assert found["account"] == {
        "state": "loaded",
        "reason": None,
        "region": "demo",
        "home_assistant_time_zone": TIME_ZONE,
        "pump_pinned": True,
        "features": ["basal", "bolus"],
        "glucose_unit": None,
        "high_limit": None,
        "low_limit": None,
        "pump_time_zone": TIME_ZONE,
        "stale_after": None,
    }
    expires_at = found["reading"].pop("token_expires_at")
    assert datetime.fromisoformat(expires_at) > datetime.now(UTC)
    # Whether anything is pending depends on how late it is, here and in UTC.
    assert found["reading"].pop("backfill") in ("idle", "done")
    answers = found["reading"].pop("answers")
    assert answers["id_token"]["pumperId"] == "str"
    assert answers["access_token"] == {}
    assert answers["pumper"]["firstName"] == "str"
    assert answers["pumper"]["pumps"][0]["serialNumber"] == "str"
    assert found["reading"] == {
        "last_poll_succeeded": True,
        "confirmed": True,
        "last_error": None,
        "asks_with_codes": False,
        "pumps_skipped": 0,
        "pending_from": None,
        "person_chosen": False,
    }
    listed = tandem.accounts[EMAIL.lower()].pumps[0]
    assert listed.last_upload is not None
    upload = listed.last_upload.replace(microsecond=0)
    now = found["now"]
    assert now["newest_event"] == pump.instants[-1]
    assert now["log_ends_at"] == pump.instants[-3]
    assert now["last_upload"] == upload
    assert now["to_be_fired"] == dict.fromkeys(
        ("alarm", "alert", "cgm_alert", "bolus"), 0
    )
    sent = found["nightscout"]
    assert sent["connected"]
    assert not sent["encrypted"]
    assert sent["sent"] == len(nightscout.documents("treatments"))
    assert list(sent["starts"]) == ["basal", "bolus"]


async def test_pumps(
    hass: HomeAssistant, pump: SimulatedPump, entry: MockConfigEntry
) -> None:
    """The pump in use has event counts by day and code; an unused pump has its listing only."""
    await poll(hass, entry)
    used, unused = (await diagnostics_of(hass, entry))["pumps"]
    assert (used["in_use"], used["ever_in_use"]) == (True, True)
    assert used["listed"]["model"] == "t:slim X2"
    assert used["listed"]["software_version"] == "7.8.0.0"
    assert used["listed"]["algorithm"] == "Control-IQ"
    assert used["listed"]["settings"]["max_bolus"] == "float"
    assert used["listed"]["settings"]["profiles"][1]["name"] == "str"
    log = used["log"]
    *_, yesterday, _ = sorted({event["pumpDateTime"][:10] for event in pump.events})
    held = [
        event
        for event in pump.events
        if event["eventCode"] not in (13, 14)
        and (event["eventCode"] != PREDICTION or event["pumpDateTime"] >= yesterday)
    ]
    assert sum(log["events_by_day"].values()) == len(held)
    assert sum(log["events_by_code"].values()) == len(held)
    assert log["events_by_code"][9999] == 1
    assert log["unknown_by_code"][9999] == 1
    assert log["malformed_by_code"] == {279: 1}
    assert log["not_understood"][279] == {"commandedRate": "str"}
    assert log["not_understood"][9999] == {
        "alertId": "int",
        "level": "int",
        "sensor": "str",
        "transmitterId": "int",
        "nothing": "NoneType",
    }
    assert log["records"]["boluses"] > 0
    assert (unused["in_use"], unused["ever_in_use"]) == (False, False)
    assert unused["listed"]["last_upload"] is None
    assert unused["log"] is None


async def test_a_pump_that_left_the_account(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    entry: MockConfigEntry,
) -> None:
    """A pump that left the account is included while its events are stored."""
    await poll(hass, entry)
    account = tandem.accounts[EMAIL.lower()]
    account.pumps.pop(0)
    newer = SimulatedPump(
        start=pump.now,
        time_zone=ZoneInfo(TIME_ZONE),
        serial_number="90556644",
        quiet=True,
    )
    newer.run_for(minutes=10)
    account.add_pump(newer).upload()
    await poll(hass, entry)
    _, _, left = (await diagnostics_of(hass, entry))["pumps"]
    assert left["listed"] is None
    assert left["ever_in_use"]
    assert left["log"]["events_by_code"]


async def test_clock_moves(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """Clock changes are included completely, because wrong times are a common complaint."""
    pump.move_clock(-timedelta(hours=1))
    tandem.accounts[EMAIL.lower()].pumps[0].upload()
    entry = add_entry(hass, tandem)
    await start(hass, entry)
    moves = (await diagnostics_of(hass, entry))["pumps"][0]["log"]["clock_moves"]
    assert [move[0] for move in moves] == [
        change["eventCode"] for change in pump.clock_changes
    ]


async def test_nothing_distinctive_is_in_the_diagnostics(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """Unknown values from any place in any answer are left out or replaced by their type."""
    entry = add_entry(hass, tandem)
    counted = count(MARK)
    kept = {"assignmentId", "serialNumber", "lastUploadDate", "maxDateOfEvents"}

    def spoil(part: Any) -> Any:
        match part:
            case dict():
                spoilt = {
                    key: value if key in kept else spoil(value)
                    for key, value in part.items()
                }
                return spoilt | {"unheardOf": next(counted)}
            case list():
                return [*map(spoil, part), str(next(counted))]
            case str():
                return f"a {next(counted)}"
            case _:
                return next(counted)

    def odd_event(known: dict[str, Any], code: int) -> dict[str, Any]:
        names = ("unheardOf", "pairingCode", "name0")
        odd = {name: next(counted) for name in names} | {"text": f"a {next(counted)}"}
        return known | {
            "eventCode": code,
            "sequenceNumber": 10_000 + code,
            "eventProperties": odd,
        }

    def with_odd_events(answer: Any) -> Any:
        if not answer["events"]:
            return answer
        known = answer["events"][-1]
        answer["events"] += [odd_event(known, code) for code in (*DECODERS, *UNKNOWN)]
        answer["clockChanges"] += [odd_event(known, code) for code in (13, 14)]
        return answer

    tandem.faults.add(Fault(path="/pumper/", change=spoil, times=None))
    tandem.faults.add(Fault(path="/pump-logs/", change=with_odd_events, times=None))
    pump.log_event(57, idp=1, **{f"name{n}": ord(c) for n, c in enumerate(NAME, 8)})
    pump.log_event(69, idp=1, **{f"name{n}": ord(c) for n, c in enumerate(NAME)})
    pump.log_event(395, pairingCode=next(counted))
    pump.log_event(279, commandedRate="much", note=next(counted))
    tandem.accounts[EMAIL.lower()].pumps[0].upload()
    await start(hass, entry)
    found = await diagnostics_of(hass, entry)
    assert str(MARK)[:6] not in json.dumps(found, default=str)
    log = found["pumps"][0]["log"]
    assert set(log["not_understood"][57].values()) == {"int"}
    assert set(log["not_understood"][69].values()) == {"int"}
    assert len(log["not_understood"]) > 20
    assert log["clock_moves"][-1][4]["unheardOf"] == "int"
    assert next(counted) - MARK > 200


def test_values_of_known_properties() -> None:
    """Values of known properties are shown, up to the first one that cannot be read."""
    event = {
        "eventCode": 279,
        "sequenceGroup": 0,
        "sequenceNumber": 1,
        "pumpDateTime": "2026-05-14T12:00:00",
        "eventProperties": {
            "commandedRate": 99999,
            "commandedRateSource": 1,
            "note": 5,
            "Ada L.": 1,
        },
    }
    assert redacted_properties(event) == {
        "commandedRate": 99999,
        "commandedRateSource": 1,
        "note": "int",
    }
    assert redacted_properties(event | {"pumpDateTime": "soon"}) == {
        "commandedRate": "int",
        "commandedRateSource": "int",
        "note": "int",
    }


async def test_events_that_carry_nothing(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """An unknown event without properties is shown as such."""
    entry = add_entry(hass, tandem)
    strip = {"eventProperties": None}

    def without_properties(answer: Any) -> Any:
        for event in answer["events"]:
            if event["eventCode"] == 9999:
                event |= strip
        return answer

    tandem.faults.add(Fault(path="/pump-logs/", change=without_properties, times=None))
    await start(hass, entry)
    log = (await diagnostics_of(hass, entry))["pumps"][0]["log"]
    assert log["not_understood"][9999] == "NoneType"


async def test_error(
    hass: HomeAssistant, tandem: SimulatedTandem, nightscout: SimulatedNightscout
) -> None:
    """The last errors are shown with their reason and status."""
    nightscout.faults.add(NightscoutFault(path="/api/", status=503, times=None))
    entry = add_entry(hass, tandem, nightscout=nightscout)
    await start(hass, entry)
    tandem.faults.add(Fault(path="/pumper/", status=503, times=None))
    await poll(hass, entry)
    found = await diagnostics_of(hass, entry)
    assert found["reading"]["last_error"] == {
        "kind": "TandemBusy",
        "reason": "pumper: answered 503",
        "status": 503,
    }
    assert found["nightscout"]["error"]["status"] == 503
    assert not found["nightscout"]["connected"]


async def test_unexpected_error(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, entry: MockConfigEntry
) -> None:
    """An unexpected error is shown by its type only, since its message may identify the user."""
    coordinator = entry.runtime_data.coordinator
    coordinator.last_exception = RuntimeError()
    coordinator.last_exception.__cause__ = OSError(f"/somewhere/of/{EMAIL}")
    assert (await diagnostics_of(hass, entry))["reading"]["last_error"] == {
        "kind": "OSError"
    }


async def test_not_loaded(hass: HomeAssistant, tandem: SimulatedTandem) -> None:
    """An account that could not be set up shows the reason."""
    entry = add_entry(hass, tandem)
    tandem.faults.add(Fault(path="/pumper/", status=503, times=None))
    await start(hass, entry)
    found = await diagnostics_of(hass, entry)
    assert list(found) == ["account"]
    assert found["account"]["state"] == "setup_retry"
    assert found["account"]["reason"] == "tandem_busy"


async def test_download(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, forwarded: MockConfigEntry
) -> None:
    """Diagnostics can be downloaded from Home Assistant."""
    downloaded = await get_diagnostics_for_config_entry(hass, hass_client, forwarded)
    assert list(downloaded) == ["account", "reading", "pumps", "now", "nightscout"]


def add_new_pump(account: Account, serial_number: str) -> None:
    """Add a new pump to an account and let it upload."""
    pump = SimulatedPump(
        start=datetime.now(UTC),
        time_zone=ZoneInfo(TIME_ZONE),
        serial_number=serial_number,
        quiet=True,
    )
    pump.run_for(seconds=1)
    account.add_pump(pump).upload()


async def test_nobody_is_named_in_a_download(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Downloads include the issues of all accounts, but not their titles, which may be names of people."""
    grace = tandem.add_account("grace@example.org", PASSWORD)
    add_new_pump(grace, "55667788")
    entries = [
        add_entry(hass, tandem, title="Ada Lovelace"),
        add_entry(hass, tandem, email="grace@example.org", title="Grace Hopper"),
    ]
    await start(hass, entries[0])
    for entry in entries:
        await poll(hass, entry)
    freezer.tick(timedelta(minutes=10))
    serial_numbers = ("44332211", "88776655")
    for account, number in zip(tandem.accounts.values(), serial_numbers, strict=True):
        add_new_pump(account, number)
    for entry in entries:
        await poll(hass, entry, times=2)
    raised = ir.async_get(hass).issues.values()
    assert [one.translation_key for one in raised if one.active] == [
        "pump_replaced"
    ] * 2
    assert await async_setup_component(hass, "diagnostics", {})
    client = await hass_client()
    url = f"/api/diagnostics/config_entry/{entries[0].entry_id}"
    downloaded = await (await client.get(url)).text()
    assert "pump_replaced" in downloaded
    named = ("Ada", "Lovelace", "Grace", "Hopper", "grace@", EMAIL, *serial_numbers)
    assert [name for name in named if name in downloaded] == []
