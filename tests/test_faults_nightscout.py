"""Nightscout errors: the pump is still shown, and pending documents are stored and sent later."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import SSLContext
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync.const import (
    CONF_FEATURES,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
    DOMAIN,
)
from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.errors import (
    NightscoutBlocked,
    NightscoutBusy,
    NightscoutError,
    NightscoutFull,
    NightscoutMoved,
    NightscoutRefused,
    NightscoutRejected,
    NightscoutTooLarge,
    NightscoutUnreachable,
    NotNightscout,
)
from demo.nightscout import SimulatedNightscout
from demo.nightscout.faults import (
    Fault,
    database_full,
    lost_answer,
    lost_request,
    proxy_error,
    redirect,
    refused_documents,
    too_large,
)
from demo.nightscout.kinds import Version
from demo.pump import SimulatedPump
from demo.tandem import ListedPump, SimulatedTandem
from homeassistant.const import CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .account import add_entry, poll, settle, start
from .conftest import API_SECRET, empty_nightscout, lived, serving
from .entity_states import newest
from .undisturbed import FEATURES, all_that_happened, assert_in_step, held

pytestmark = pytest.mark.usefixtures(
    "real_seconds", "recorder_mock", "no_pauses_between_reads"
)

SECONDS = 0.4
HOUR = timedelta(hours=1)
ONE_SECOND = timedelta(seconds=1)
"""Uploads are distinguished by the second."""
WAITS = "Nightscout has to wait for what is pending"
GOES_ON = "Nightscout can be written to again"
ELSEWHERE = "http://localhost:9"

ERRORS: dict[str, tuple[Fault, type[NightscoutError]]] = {
    "down": (lost_request(), NightscoutUnreachable),
    "answers get lost": (lost_answer(), NightscoutUnreachable),
    "slow": (Fault(delay=2 * SECONDS), NightscoutUnreachable),
    "slow and carried out": (
        Fault(delay=2 * SECONDS, carried_out=True),
        NightscoutUnreachable,
    ),
    "a proxy's page": (proxy_error(), NightscoutBusy),
    "a proxy's page with 200": (
        Fault(status=200, body="<html>Welcome</html>"),
        NotNightscout,
    ),
    "a proxy that refuses": (
        Fault(status=403, body="<html>Forbidden</html>"),
        NightscoutBlocked,
    ),
    "500": (Fault(status=500), NightscoutBusy),
    "503 after all": (Fault(status=503, carried_out=True), NightscoutBusy),
    "429": (Fault(status=429), NightscoutBusy),
    "413": (too_large(), NightscoutTooLarge),
    "400": (Fault(method="POST", status=400), NightscoutRejected),
    "a proxy that does not know the page": (
        Fault(path="treatments", method="POST", status=404),
        NotNightscout,
    ),
    "full": (database_full(), NightscoutFull),
    "redirected elsewhere": (redirect(ELSEWHERE), NightscoutMoved),
    "redirected to another host": (
        redirect("https://elsewhere.example.org"),
        NightscoutMoved,
    ),
}


VERSIONS: tuple[Version, ...] = ("15.0.6", "15.0.7")
"""Both replace rules of the versions in use; they matter if a write succeeds and its response is lost."""
CASES = {
    f"{name} {version}": (*ERRORS[name], version)
    for name in ERRORS
    for version in VERSIONS
    if version == "15.0.7" or ERRORS[name][0].carried_out
}


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> Version:
    """Both replace rules."""
    version: Version = request.param
    return version


@pytest.fixture
def pump() -> SimulatedPump:
    """A pump that has run for two days, until noon."""
    return lived(2, seed=4)


@pytest.fixture
async def tandem(
    pump: SimulatedPump, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SimulatedTandem]:
    """A Tandem Source with everything but the last three hours."""
    async with serving(pump, monkeypatch, pump.now - 3 * HOUR) as tandem:
        yield tandem


@pytest.fixture
async def nightscout(version: Version) -> AsyncIterator[SimulatedNightscout]:
    """A Nightscout of either version."""
    async with empty_nightscout(version=version) as nightscout:
        yield nightscout


@pytest.fixture
async def entry(
    hass: HomeAssistant, tandem: SimulatedTandem, nightscout: SimulatedNightscout
) -> MockConfigEntry:
    """The account, forwarded without errors."""
    entry = add_entry(hass, tandem, {CONF_FEATURES: FEATURES}, nightscout=nightscout)
    assert await start(hass, entry)
    assert held(nightscout)
    return entry


@contextmanager
def impatience_with(fault: Fault) -> Iterator[None]:
    """Shorten the timeout for slow responses only, so that a slow machine does not fail other cases."""
    if not fault.delay:
        yield
        return
    with patch(
        "custom_components.tconnectsync.nightscout.http.REQUEST_TIMEOUT_SECONDS",
        SECONDS,
    ):
        yield


def has_issue(hass: HomeAssistant, entry: MockConfigEntry, name: str) -> bool:
    """Return whether a repair issue is raised."""
    return (DOMAIN, f"{name}_{entry.entry_id}") in ir.async_get(hass).issues


async def upload(
    hass: HomeAssistant, entry: MockConfigEntry, listed: ListedPump, ago: timedelta
) -> None:
    """Upload the log up to some time ago, and let it be read and sent."""
    at = datetime.now(UTC) - ago
    if listed.last_upload and at - listed.last_upload < ONE_SECOND:
        at = listed.last_upload + ONE_SECOND
    listed.upload(at, at=at)
    await poll(hass, entry)


@pytest.mark.parametrize(("fault", "kind", "version"), CASES.values(), ids=CASES)
async def test_error(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    listed: ListedPump,
    nightscout: SimulatedNightscout,
    *,
    version: Version,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
    kind: type[NightscoutError],
) -> None:
    """The pump is still shown, the error is logged once, and nothing is lost or doubled after it."""
    nightscout.faults.add(replace(fault, times=None))
    requests = len(nightscout.requests)
    with impatience_with(fault):
        for hours in (2, 1):
            known = newest(hass)
            await upload(hass, entry, listed, hours * HOUR)
            assert newest(hass) > known
    status = entry.runtime_data.forwarder.status
    assert type(status.error) is kind
    assert status.connected is False
    assert status.pending > 0
    assert len(nightscout.requests) - requests < 60
    assert caplog.text.count(WAITS) == 1
    text = f"{status.error!r}{vars(status.error)}{status.error.__context__!r}"
    assert nightscout.url not in text
    assert API_SECRET not in text
    nightscout.faults.clear()
    await nightscout.until_idle()
    await upload(hass, entry, listed, timedelta())
    await assert_in_step(hass, entry, listed, nightscout, version)
    assert caplog.text.count(GOES_ON) == 1
    assert not has_issue(hass, entry, "nightscout_forbidden")


async def test_one_document_of_a_batch(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    listed: ListedPump,
    nightscout: SimulatedNightscout,
    *,
    version: Version,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The other documents arrive; the refused one stays pending and is logged once without its content."""
    known = {one["identifier"] for one in held(nightscout)}
    listed.upload()
    wanted = documents(
        all_that_happened(listed),
        PumpIdentity(serial_number=listed.pump.serial_number, model="t:slim X2"),
        FEATURES,
    )
    bad = next(one.identifier for one in wanted[::-1] if one.identifier not in known)
    nightscout.faults.add(refused_documents(lambda one: one["identifier"] == bad))
    await poll(hass, entry)
    status = entry.runtime_data.forwarder.status
    assert (status.connected, status.pending) == (True, 1)
    assert {one["identifier"] for one in held(nightscout)} - known
    await upload(hass, entry, listed, timedelta())
    assert caplog.text.count("Nightscout does not take a document") == 1
    assert bad not in caplog.text
    nightscout.faults.clear()
    await upload(hass, entry, listed, timedelta())
    await assert_in_step(hass, entry, listed, nightscout, version)


async def test_a_changed_secret(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    listed: ListedPump,
    nightscout: SimulatedNightscout,
    *,
    version: Version,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One repair issue is raised, and everything is sent with the new secret."""
    nightscout.api_secret = "a secret that is new"
    for hours in (2, 1):
        requests = len(nightscout.requests)
        await upload(hass, entry, listed, hours * HOUR)
        assert len(nightscout.requests) - requests <= 2
    assert isinstance(entry.runtime_data.forwarder.status.error, NightscoutRefused)
    assert has_issue(hass, entry, "nightscout_refused")
    assert caplog.text.count(WAITS) == 1
    hass.config_entries.async_update_entry(
        entry, data=entry.data | {CONF_NIGHTSCOUT_SECRET: nightscout.api_secret}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await upload(hass, entry, listed, timedelta())
    assert not has_issue(hass, entry, "nightscout_refused")
    await assert_in_step(hass, entry, listed, nightscout, version)


async def test_what_is_pending_outlives_crashes(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    listed: ListedPump,
    nightscout: SimulatedNightscout,
    version: Version,
) -> None:
    """Pending documents survive restarts while Nightscout is down."""
    await nightscout.stop()
    for hours in (2, 1, 0):
        await upload(hass, entry, listed, hours * HOUR)
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    assert entry.runtime_data.forwarder.status.pending > 0
    await nightscout.start()
    await upload(hass, entry, listed, timedelta())
    await assert_in_step(hass, entry, listed, nightscout, version)


async def test_a_site_that_moves_to_https(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    listed: ListedPump,
    nightscout: SimulatedNightscout,
    *,
    version: Version,
    own_certificate: SSLContext,
) -> None:
    """The write is repeated with HTTPS, and the secret is sent unencrypted at most once."""
    hass.config_entries.async_update_entry(
        entry, data=entry.data | {CONF_VERIFY_SSL: False}
    )
    secure = SimulatedNightscout(
        api_secret=API_SECRET, version=version, refusal_delay=0
    )
    await secure.start(ssl_context=own_certificate)
    nightscout.faults.add(redirect(secure.url, status=301))
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    requests, before = len(nightscout.requests), held(nightscout)
    await upload(hass, entry, listed, timedelta())
    assert len(nightscout.requests) - requests <= 1
    assert entry.runtime_data.forwarder.status.pending == 0
    assert held(secure)
    assert held(nightscout) == before
    assert entry.data[CONF_NIGHTSCOUT_URL].startswith("http:")
    await secure.stop()


async def test_a_lost_or_newer_ledger(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    listed: ListedPump,
    nightscout: SimulatedNightscout,
    version: Version,
) -> None:
    """The ledger is moved aside and rebuilt from Nightscout's documents, and nothing is sent again."""
    await hass.config_entries.async_unload(entry.entry_id)
    folder = Path(hass.config.path(".storage", DOMAIN, entry.entry_id, "ledger"))
    days = sorted(folder.rglob("????-??-??.json"))
    damages = [
        '{"version": 1, "data": {"rows": [',
        '{"version": 9, "data": {}}',
        "",
        '{"version": 1, "data": {"rows": 7}}',
    ]
    for day, damage in zip(days, 9 * damages, strict=False):
        day.write_text(damage)
    before, writes = held(nightscout), nightscout.counters.total()
    assert await start(hass, entry)
    listed_before = nightscout.counters.total()
    assert (held(nightscout), listed_before) == (before, writes)
    assert sorted(folder.rglob("*.aside"))
    await upload(hass, entry, listed, timedelta())
    await assert_in_step(hass, entry, listed, nightscout, version)


async def test_others_are_left_alone(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    listed: ListedPump,
    nightscout: SimulatedNightscout,
    tmp_path: Path,
) -> None:
    """Documents of another account's pump stay on the site, even if the ledger is lost."""
    day = datetime.now(UTC).date()
    stranger = {
        "identifier": "tconnectsync:55555555:alert:0-1",
        "app": "tconnectsync",
        "eventType": "Note",
        "created_at": f"{day}T00:30:00.001Z",
        "enteredBy": "loop://tconnectsync",
        "tconnectsync_hash": "0123456789abcdef",
    }
    client = entry.runtime_data.forwarder._client  # noqa: SLF001 - writes as another account would
    await client.write("treatments", [stranger])
    await hass.config_entries.async_unload(entry.entry_id)
    folder = Path(hass.config.path(".storage", DOMAIN, entry.entry_id, "ledger"))
    for path in folder.rglob("*.json"):
        path.unlink()
    assert await start(hass, entry)
    await upload(hass, entry, listed, timedelta())
    assert entry.runtime_data.forwarder.status.pending == 0
    assert [
        one for one in held(nightscout) if one["identifier"] == stranger["identifier"]
    ]
