"""Tandem errors: shown values stay, the error is reported correctly, and recovery is automatic."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
import traceback
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync.const import CONF_PUMP, DOMAIN
from demo.pump import SimulatedPump
from demo.tandem import Fault, ListedPump, SimulatedTandem
from demo.tandem.faults import FIREWALL, GATEWAY, padded, with_field, without_field
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .account import add_entry, poll, start
from .conftest import EMAIL, PASSWORD, lived, serving
from .entity_states import newest

pytestmark = pytest.mark.usefixtures(
    "real_seconds", "recorder_mock", "no_pauses_between_reads"
)

PUMPER, LOGS, LOGIN = "/pumper/", "/pump-logs/", "/login"
BUSY, CHANGED, UNREACHABLE = "tandem_busy", "tandem_changed", "tandem_unreachable"
UNVERIFIED = "identity_not_verified"
ZOD = '{"error":{"name":"ZodError","issues":[{"code":"unrecognized_keys","keys":["startDate"],"path":[]}]}}'
SECONDS = 0.4
HOUR = timedelta(hours=1)

ERRORS = {
    "400 with a zod body": (Fault(path=LOGS, status=400, body=ZOD), CHANGED),
    "403 firewall page": (Fault(path=LOGS, status=403, body=FIREWALL), BUSY),
    "403 of everything": (Fault(path="/api/", status=403, body=FIREWALL), BUSY),
    "404": (Fault(path=LOGS, status=404), CHANGED),
    "404 of the pumps": (Fault(path=PUMPER, status=404), CHANGED),
    "429": (Fault(path=LOGS, status=429, headers={"Retry-After": "120"}), BUSY),
    "500": (Fault(path=LOGS, status=500), BUSY),
    "502": (Fault(path=PUMPER, status=502, body=GATEWAY), BUSY),
    "503": (Fault(path=LOGS, status=503, body=GATEWAY), BUSY),
    "no answer in time": (Fault(path=LOGS, delay=2 * SECONDS), UNREACHABLE),
    "slow trickle": (Fault(path=LOGS, trickle=SECONDS / 4), UNREACHABLE),
    "cut connection": (Fault(path=LOGS, cut=500), UNREACHABLE),
    "cut before anything": (Fault(path=PUMPER, cut=0), UNREACHABLE),
    "HTML instead of JSON": (Fault(path=LOGS, status=200, body=GATEWAY), CHANGED),
    "truncated JSON": (Fault(path=LOGS, truncate=500), UNREACHABLE),
    "no events": (Fault(path=LOGS, change=without_field("events")), CHANGED),
    "events null": (Fault(path=LOGS, change=with_field("events", value=None)), CHANGED),
    "events of another type": (
        Fault(path=LOGS, change=with_field("events", value=[1, "two"])),
        CHANGED,
    ),
    "a list instead of an object": (Fault(path=PUMPER, change=lambda _: []), CHANGED),
    "no pumps": (Fault(path=PUMPER, change=without_field("pumps")), CHANGED),
    "pumps null": (Fault(path=PUMPER, change=with_field("pumps", value=None)), CHANGED),
}
SIGN_IN_ERRORS = {
    "sign-in page down": (Fault(path="/", status=503, body=GATEWAY), BUSY),
    "login 500": (Fault(path=LOGIN, status=500), BUSY),
    "login 403": (Fault(path=LOGIN, status=403, body=FIREWALL), BUSY),
    "login cut": (Fault(path=LOGIN, cut=0), UNREACHABLE),
    "login answers HTML": (Fault(path=LOGIN, status=200, body=GATEWAY), BUSY),
    "login 429": (Fault(path=LOGIN, status=429, headers={"Retry-After": "600"}), BUSY),
    "authorize 502": (Fault(path="/authorize", status=502, body=GATEWAY), BUSY),
    "token 503": (Fault(path="/token", status=503), BUSY),
    "token of another shape": (Fault(path="/token", change=lambda _: {}), CHANGED),
    "keys of somebody else": (
        Fault(path="/jwks", change=with_field("keys", 0, "kid", value="other")),
        UNVERIFIED,
    ),
    "tokens that are never taken": (Fault(path="/api/reports", status=401), BUSY),
}
HARMLESS = {
    "a 20 MB answer": Fault(path=LOGS, change=padded(20_000_000)),
    "401 in mid-run": Fault(path=LOGS, status=401, times=1, skip=1),
    "400 for want of codes": Fault(
        path=LOGS, status=400, times=1, body=ZOD.replace("startDate", "eventCodes")
    ),
    "no settings": Fault(
        path=PUMPER, change=with_field("pumps", 0, "settings", value=None)
    ),
    "no names": Fault(path=PUMPER, change=without_field("pumps", 0, "modelName")),
    "limits of another type": Fault(
        path=PUMPER, change=with_field("lowGlucoseThreshold", value={"mg": 70})
    ),
    "an unreadable pump": Fault(
        path=PUMPER,
        change=lambda answer: (
            answer | {"pumps": [*answer["pumps"], {"serialNumber": 7}, None]}
        ),
    ),
    "a placeholder pump": Fault(
        path=PUMPER,
        change=lambda answer: (
            answer
            | {
                "pumps": [
                    *answer["pumps"],
                    answer["pumps"][0]
                    | {
                        "serialNumber": "99887766",
                        "assignmentId": "of-nobody",
                        "maxDateOfEvents": "2099-01-01T00:00:00",
                    },
                ]
            }
        ),
    ),
}


@pytest.fixture
def pump() -> SimulatedPump:
    """A pump that has run for two days, until noon."""
    return lived(2, seed=4)


@pytest.fixture
async def tandem(
    pump: SimulatedPump, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SimulatedTandem]:
    """A Tandem Source with everything but the last hour."""
    async with serving(pump, monkeypatch, pump.now - HOUR) as tandem:
        yield tandem


@pytest.fixture
def entry(entry: MockConfigEntry, tandem: SimulatedTandem) -> MockConfigEntry:
    """The account, set up without errors; requests count from then on."""
    tandem.requests.clear()
    return entry


@contextmanager
def impatience_with(fault: Fault) -> Iterator[None]:
    """Shorten the timeout for slow responses only, so that a slow machine does not fail other cases."""
    if not fault.delay and fault.trickle is None:
        yield
        return
    client = "custom_components.tconnectsync.tandem.client"
    with (
        patch(f"{client}.PUMPER_SECONDS", SECONDS),
        patch(f"{client}.PUMP_LOGS_SECONDS", SECONDS),
    ):
        yield


def put(tandem: SimulatedTandem, fault: Fault, times: int | None = None) -> None:
    """Add a fault for a number of requests, or until it is cleared."""
    tandem.faults.add(replace(fault, times=times))


def values(hass: HomeAssistant) -> dict[str, str]:
    """Return the states of the pump's entities."""
    return {
        state.entity_id: state.state
        for state in hass.states.async_all(("sensor", "binary_sensor"))
        if "_t_slim_x2_" in f"_{state.entity_id.partition('.')[2]}"
    }


def has_issue(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
    """Return whether the issue "Tandem changed its service" is raised."""
    issue = f"tandem_changed_{entry.entry_id}"
    return (DOMAIN, issue) in ir.async_get(hass).issues


def whole_text(error: BaseException | None) -> str:
    """Return the text and attributes of an exception and of its causes."""
    assert error is not None
    text = "".join(traceback.format_exception(error))
    seen: BaseException | None = error
    while seen is not None:
        text += repr(seen) + repr(seen.args) + repr(vars(seen))
        seen = seen.__cause__ or seen.__context__
    return text


def assert_tells_nobody(error: BaseException | None, tandem: SimulatedTandem) -> None:
    """Check that no exception has an address, a secret or data that identifies the user."""
    text = whole_text(error)
    account = tandem.accounts[EMAIL.lower()]
    for secret in (
        tandem.url,
        PASSWORD,
        EMAIL,
        EMAIL.lower(),
        account.pumper_id,
        account.account_id,
        account.pumps[0].pump.serial_number,
        account.pumps[0].pump.assignment_id,
        *tandem.sign_in.tokens,
    ):
        assert secret not in text


@contextmanager
def after_every_pause() -> Iterator[None]:
    """Skip all pauses after errors, so that Tandem may be polled again."""
    with patch("custom_components.tconnectsync.tandem.pause_after_error.time") as clock:
        clock.monotonic.return_value = float("inf")
        yield


@pytest.mark.parametrize(("fault", "key"), ERRORS.values(), ids=ERRORS)
async def test_error(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    tandem: SimulatedTandem,
    listed: ListedPump,
    *,
    fault: Fault,
    key: str,
) -> None:
    """States stay, no sign-in follows, only a changed service raises an issue, and the next poll recovers."""
    before, known = values(hass), newest(hass)
    listed.upload()
    put(tandem, fault)
    with impatience_with(fault):
        coordinator = await poll(hass, entry, times=2)
    assert values(hass) == before
    error: Any = coordinator.last_exception
    assert error.translation_key == key
    assert_tells_nobody(error, tandem)
    assert has_issue(hass, entry) == (key == CHANGED)
    assert tandem.count(LOGIN) == 0
    assert len(tandem.requests) <= 8
    tandem.faults.clear()
    with after_every_pause():
        await poll(hass, entry)
    assert newest(hass) > known
    assert coordinator.last_update_success
    assert not has_issue(hass, entry)


@pytest.mark.parametrize(("fault", "key"), SIGN_IN_ERRORS.values(), ids=SIGN_IN_ERRORS)
async def test_error_at_the_sign_in(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    tandem: SimulatedTandem,
    listed: ListedPump,
    *,
    fault: Fault,
    key: str,
) -> None:
    """Few requests are sent however often it polls, no reauthentication starts, and recovery is automatic."""
    before, known = values(hass), newest(hass)
    listed.upload()
    tandem.sign_in.expire_tokens()
    tandem.sign_in.end_sessions()
    tandem.sign_in.rotate_keys()
    put(tandem, fault)
    coordinator = await poll(hass, entry, times=6)
    error: Any = coordinator.last_exception
    assert error.translation_key == key
    assert_tells_nobody(error, tandem)
    assert values(hass) == before
    assert tandem.count(LOGIN) <= 2
    assert len(tandem.requests) <= 20
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    tandem.faults.clear()
    with after_every_pause():
        await poll(hass, entry)
    assert coordinator.last_update_success
    assert newest(hass) > known


async def test_hours_of_error_at_the_sign_in_are_few_sign_ins(
    hass: HomeAssistant, entry: MockConfigEntry, tandem: SimulatedTandem
) -> None:
    """The pause after an error doubles each time, although the account is polled every five minutes."""
    tandem.sign_in.expire_tokens()
    tandem.sign_in.end_sessions()
    put(tandem, Fault(path="/token", status=503))
    with patch("custom_components.tconnectsync.tandem.pause_after_error.time") as clock:
        for minute in range(0, 6 * 60, 5):
            clock.monotonic.return_value = 60.0 * minute
            await poll(hass, entry)
    assert 5 <= tandem.count("/connect/token") <= 12
    assert tandem.count(LOGIN) == 1


async def test_a_changed_password_is_tried_once(
    hass: HomeAssistant, entry: MockConfigEntry, tandem: SimulatedTandem
) -> None:
    """A refused password starts reauthentication once, and states stay."""
    before = values(hass)
    tandem.accounts[EMAIL.lower()].password = "another"
    tandem.sign_in.expire_tokens()
    tandem.sign_in.end_sessions()
    coordinator = await poll(hass, entry, times=6)
    assert tandem.count(LOGIN) == 1
    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert values(hass) == before
    assert_tells_nobody(coordinator.last_exception, tandem)


@pytest.mark.parametrize("fault", HARMLESS.values(), ids=HARMLESS)
async def test_what_does_no_harm(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    tandem: SimulatedTandem,
    listed: ListedPump,
    fault: Fault,
) -> None:
    """The log is read despite the fault."""
    known = newest(hass)
    listed.upload()
    put(tandem, fault, fault.times)
    coordinator = await poll(hass, entry)
    assert coordinator.last_update_success
    assert newest(hass) > known
    assert not has_issue(hass, entry)
    assert tandem.count(LOGIN) <= 1


async def test_odd_events_spoil_no_others(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    tandem: SimulatedTandem,
    listed: ListedPump,
) -> None:
    """Unknown, incomplete, mistyped and unstorable events do not affect others, in memory or on disk."""
    known = len(
        entry.runtime_data.store.event_stores[listed.pump.serial_number].events()
    )
    fresh = len(listed.upload())

    def spoil(answer: Any) -> Any:
        model = answer["events"][-1] | {"sequenceGroup": 9, "eventProperties": {}}
        odd: list[Any] = [
            {"eventCode": 4242, "eventProperties": {"what": "is this"}},
            {"eventCode": 279, "eventProperties": None},
            {"eventCode": 279, "eventProperties": {"commandedRate": "fast"}},
            {"eventCode": 64, "eventProperties": {"bolusId": None}},
            {"eventProperties": {"text": "\ud800 alone"}},
        ]
        unreadable: list[Any] = [
            {"eventProperties": {"huge": 2**70}},
            {"sequenceNumber": 2**70},
            {"sequenceNumber": -1},
            {"pumpDateTime": "yesterday"},
        ]
        hopeless: list[Any] = [{"eventCode": None}, {"sequenceGroup": "1"}]
        added = [
            model | {"sequenceNumber": number} | one
            for number, one in enumerate([*odd, *unreadable, *hopeless], 1)
        ]
        answer["events"] += [*added, None, "event", {}]
        return answer

    tandem.faults.add(Fault(path=LOGS, change=spoil))
    coordinator = await poll(hass, entry)
    assert coordinator.last_update_success
    kept = entry.runtime_data.store.event_stores[listed.pump.serial_number]
    assert len(kept.events()) == known + fresh + 5
    assert kept.unreadable == 4 + 5
    assert await hass.config_entries.async_reload(entry.entry_id)
    kept = entry.runtime_data.store.event_stores[listed.pump.serial_number]
    assert len(kept.events()) == known + fresh + 5


async def test_sequence_numbers_begin_anew(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    pump: SimulatedPump,
    listed: ListedPump,
) -> None:
    """Events of a new sequence group follow those of the old one despite smaller numbers."""
    pump.restart_sequence()
    pump.run_for(minutes=30)
    listed.upload(at=pump.now)
    coordinator = await poll(hass, entry)
    assert pump.events[-1]["sequenceNumber"] < pump.events[0]["sequenceNumber"]
    assert coordinator.data.history.newest_key == (
        1,
        pump.events[-1]["sequenceNumber"],
    )
    assert newest(hass) == pump.instants[-1]


async def test_a_pinned_pump_with_a_placeholder_date_is_read(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    listed: ListedPump,
) -> None:
    """A placeholder date in the far future does not stop a chosen pump from being read."""
    listed.overrides["maxDateOfEvents"] = "2099-01-01T00:00:00"
    entry = add_entry(hass, tandem, {CONF_PUMP: pump.serial_number})
    assert await start(hass, entry)
    assert newest(hass) >= pump.now - HOUR - timedelta(minutes=6)


async def test_what_came_before_a_failed_request_counts(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    tandem: SimulatedTandem,
    listed: ListedPump,
) -> None:
    """Events read before an error are shown after the next read, even if that brings nothing new."""
    known = newest(hass)
    listed.upload()
    put(tandem, Fault(path=LOGS, status=500, skip=1), times=1)
    coordinator = await poll(hass, entry)
    assert not coordinator.last_update_success
    assert newest(hass) == known
    await poll(hass, entry)
    assert newest(hass) > known
