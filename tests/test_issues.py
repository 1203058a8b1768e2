"""Repair issues are raised for problems that only the user can solve, and end with them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.tconnectsync.const import CONF_PUMP, CONF_PUMP_TIME_ZONE, DOMAIN
from custom_components.tconnectsync.issues import Issue, issue_id
from demo.nightscout import SimulatedNightscout
from demo.pump import SimulatedPump
from demo.tandem import Fault, SimulatedTandem
from demo.tandem.account import ListedPump
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .account import add_entry, poll, settle, start, upload_later
from .conftest import API_SECRET, EMAIL, TIME_ZONE
from .entity_states import shown

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

HOUR = timedelta(hours=1)
SECOND_SERIAL = "44332211"


@pytest.fixture(autouse=True)
def nobody_is_named(hass: HomeAssistant, pump: SimulatedPump) -> Iterator[None]:
    """Check that no issue has the pump's serial number or the user's data."""
    raised: list[str] = []
    create = ir.async_create_issue

    def note(*args: object, **kwargs: object) -> None:
        raised.append(f"{args}{kwargs}")
        create(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ir, "async_create_issue", note)
        yield
    secrets = (pump.serial_number, SECOND_SERIAL, EMAIL, API_SECRET)
    assert not [secret for secret in secrets if secret in str(raised)]


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return the active issues by translation key."""
    return {
        issue.translation_key or "": issue
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and issue.active
    }


def add_second_pump(tandem: SimulatedTandem) -> ListedPump:
    """Add another pump of the user that has just been started."""
    pump = SimulatedPump(
        start=datetime.now(UTC),
        time_zone=ZoneInfo(TIME_ZONE),
        serial_number=SECOND_SERIAL,
        model="Mobi",
        quiet=True,
    )
    return tandem.accounts[EMAIL.lower()].add_pump(pump)


async def test_no_issue_is_raised_while_all_is_well(
    hass: HomeAssistant,
    listed: ListedPump,
    freezer: FrozenDateTimeFactory,
    forwarded: MockConfigEntry,
) -> None:
    """A pump that uploads regularly, and a Nightscout that answers, raise no issue."""
    for _ in range(5):
        upload_later(freezer, listed)
        await poll(hass, forwarded, times=2)
        assert issues(hass) == {}


async def test_pump_silent(
    hass: HomeAssistant,
    listed: ListedPump,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """The issue is raised after a day without an upload, with the time of the last one."""
    freezer.tick(timedelta(hours=23))
    await poll(hass, entry)
    assert issues(hass) == {}
    freezer.tick(timedelta(hours=2))
    await poll(hass, entry)
    issue = issues(hass)[Issue.PUMP_SILENT]
    assert listed.last_upload is not None
    last = listed.last_upload.astimezone(ZoneInfo(TIME_ZONE))
    assert issue.translation_placeholders == {
        "account": entry.title,
        "last_upload": f"{last:%Y-%m-%d %H:%M}",
    }
    assert not issue.is_fixable
    upload_later(freezer, listed)
    await poll(hass, entry, times=2)
    assert issues(hass) == {}


async def test_a_pump_is_not_called_silent_while_tandem_is_away(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """Without an answer from Tandem, the issue is not raised, even after a restart."""
    await tandem.stop()
    freezer.tick(timedelta(hours=25))
    await poll(hass, entry)
    async_fire_time_changed(hass)
    await settle(hass)
    assert issues(hass) == {}
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert issues(hass) == {}
    await tandem.start()
    await poll(hass, entry)
    assert list(issues(hass)) == [Issue.PUMP_SILENT]


async def test_a_pump_that_never_uploaded_is_not_called_silent(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """A pump without any upload raises no issue."""
    account = tandem.accounts[EMAIL.lower()]
    account.pumps.clear()
    add_second_pump(tandem)
    entry = add_entry(hass, tandem)
    await start(hass, entry)
    await poll(hass, entry)
    assert issues(hass) == {}


async def test_clock_ahead_of_its_zone(
    hass: HomeAssistant, tandem: SimulatedTandem, listed: ListedPump
) -> None:
    """Events after the upload time prove a wrong zone, unless a newer upload explains them."""
    entry = add_entry(hass, tandem, {CONF_PUMP_TIME_ZONE: "Pacific/Honolulu"})
    await start(hass, entry)
    assert issues(hass) == {}
    await poll(hass, entry)
    issue = issues(hass)[Issue.CLOCK_MISMATCH]
    assert issue.is_fixable
    assert listed.last_upload is not None
    assert listed.max_date is not None
    there = listed.last_upload.astimezone(ZoneInfo("Pacific/Honolulu"))
    assert issue.translation_placeholders == {
        "account": entry.title,
        "time_zone": "Pacific/Honolulu",
        "pump_time": f"{datetime.fromisoformat(listed.max_date):%Y-%m-%d %H:%M}",
        "zone_time": f"{there:%Y-%m-%d %H:%M}",
    }


@pytest.mark.parametrize("ahead", [3, 400])
async def test_a_clock_days_ahead(
    hass: HomeAssistant,
    pump: SimulatedPump,
    listed: ListedPump,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    *,
    ahead: int,
) -> None:
    """The pump is still used, future events are hidden, and the issue shows the pump's time."""
    pump.clock.offset += ahead * 86400
    upload_later(freezer, listed)
    await poll(hass, entry, times=2)
    data = entry.runtime_data.coordinator.data
    assert data.pump.serial_number == pump.serial_number
    assert data.state.newest < datetime.now(UTC)
    issue = issues(hass)[Issue.CLOCK_MISMATCH]
    assert issue.translation_placeholders
    shows = datetime.now(ZoneInfo(TIME_ZONE)) + timedelta(days=ahead)
    assert issue.translation_placeholders["pump_time"].startswith(f"{shows:%Y-%m-%d}")


async def test_a_clock_ahead_of_uploads_that_are_not_dated(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    listed: ListedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Without an upload date, events after the time of reading prove a wrong clock."""
    listed.overrides["lastUploadDate"] = None
    entry = add_entry(hass, tandem)
    await start(hass, entry)
    await poll(hass, entry)
    assert issues(hass) == {}
    pump.clock.offset += 3 * 3600
    upload_later(freezer, listed)
    await poll(hass, entry, times=2)
    assert list(issues(hass)) == [Issue.CLOCK_MISMATCH]


async def test_clock_put_right_on_the_pump(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    listed: ListedPump,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The issue ends when the pump's clock is corrected."""
    pump.clock.offset += 3600
    upload_later(freezer, listed)
    entry = add_entry(hass, tandem)
    await start(hass, entry)
    await poll(hass, entry)
    assert list(issues(hass)) == [Issue.CLOCK_MISMATCH]
    pump.move_clock(-HOUR)
    upload_later(freezer, listed)
    await poll(hass, entry, times=2)
    assert issues(hass) == {}


async def test_clock_behind_its_zone(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    listed: ListedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The issue is raised only after several uploads in a row with the same delay in quarter hours."""
    entry = add_entry(hass, tandem, {CONF_PUMP_TIME_ZONE: "US/Eastern"})
    await start(hass, entry)
    await poll(hass, entry)
    for _ in range(3):
        assert issues(hass) == {}
        upload_later(freezer, listed)
        await poll(hass, entry, times=2)
    assert list(issues(hass)) == [Issue.CLOCK_MISMATCH]


async def test_a_date_behind(
    hass: HomeAssistant,
    listed: ListedPump,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """Two uploads of events dated a day ago raise the issue and make data stale until the clock is set."""
    await poll(hass, entry)
    pump.clock.offset -= 86400
    for _ in range(2):
        assert issues(hass) == {}
        upload_later(freezer, listed)
        await poll(hass, entry, times=2)
    assert list(issues(hass)) == [Issue.CLOCK_MISMATCH]
    stale = hass.states.get("binary_sensor.t_slim_x2_data_out_of_date")
    assert stale
    assert (stale.state, stale.attributes["reason"]) == ("on", "clock_wrong")
    pump.move_clock(24 * HOUR)
    upload_later(freezer, listed)
    await poll(hass, entry, times=2)
    assert issues(hass) == {}
    stale = hass.states.get("binary_sensor.t_slim_x2_data_out_of_date")
    assert stale
    assert stale.state == "off"


async def test_pump_replaced(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    listed: ListedPump,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """The issue is raised once with the new model, and stays over a reload until it is ignored."""
    await poll(hass, entry)
    assert issues(hass) == {}
    second = add_second_pump(tandem)
    upload_later(freezer, second)
    await poll(hass, entry, times=2)
    issue = issues(hass)[Issue.PUMP_REPLACED]
    assert issue.translation_placeholders == {"account": entry.title, "model": "Mobi"}
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert issues(hass)[Issue.PUMP_REPLACED].translation_placeholders == {
        "account": entry.title,
        "model": "Mobi",
    }
    ir.async_ignore_issue(hass, DOMAIN, issue.issue_id, True)
    async_fire_time_changed(hass, datetime.now(UTC) + timedelta(minutes=1))
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert issues(hass) == {}
    upload_later(freezer, listed)
    await poll(hass, entry, times=2)
    upload_later(freezer, second)
    await poll(hass, entry, times=2)
    assert issues(hass) == {}


async def test_pump_replaced_as_an_earlier_version_kept_it(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """An issue stored by an earlier version stays, without the name of the account on disk."""
    entry = add_entry(hass, tandem, title="Ada Lovelace")
    name = issue_id(entry.entry_id, Issue.PUMP_REPLACED)
    ir.async_create_issue(
        hass,
        DOMAIN,
        name,
        data={"entry_id": entry.entry_id},
        is_fixable=True,
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=Issue.PUMP_REPLACED,
        translation_placeholders={"account": entry.title, "model": "Mobi"},
    )
    assert await start(hass, entry)
    for _ in range(2):
        issue = ir.async_get(hass).issues[DOMAIN, name]
        assert issue.active
        assert (issue.translation_placeholders or {})["model"] == "Mobi"
        assert "Ada" not in str(issue.to_json())
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)


async def test_a_pump_that_the_person_chooses_is_no_news(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """A pump that the user chooses raises no issue."""
    await poll(hass, entry)
    upload_later(freezer, add_second_pump(tandem))
    options = {**entry.options, CONF_PUMP: SECOND_SERIAL}
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await poll(hass, entry)
    assert issues(hass) == {}


async def test_pinned_pump_silent(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    listed: ListedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The issue says that the chosen pump is silent while another one uploads."""
    entry = add_entry(hass, tandem, {CONF_PUMP: pump.serial_number})
    await start(hass, entry)
    second = add_second_pump(tandem)
    upload_later(freezer, second)
    await poll(hass, entry)
    assert issues(hass) == {}
    freezer.tick(timedelta(hours=24, minutes=1))
    await poll(hass, entry)
    assert list(issues(hass)) == [Issue.PUMP_SILENT]
    upload_later(freezer, second)
    await poll(hass, entry, times=2)
    raised = issues(hass)
    assert list(raised) == [Issue.PINNED_PUMP_SILENT]
    assert raised[Issue.PINNED_PUMP_SILENT].translation_placeholders == {
        "account": entry.title,
        "model": "Mobi",
    }
    upload_later(freezer, listed)
    await poll(hass, entry, times=2)
    assert issues(hass) == {}


async def test_pinned_pump_no_longer_listed(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """A chosen pump that left the account raises the issue when another one uploads."""
    entry = add_entry(hass, tandem, {CONF_PUMP: "gone"})
    await start(hass, entry)
    await poll(hass, entry)
    assert list(issues(hass)) == [Issue.PINNED_PUMP_SILENT]


async def test_tandem_changed(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """An answer of unknown structure raises the issue with a link to the tracker until one can be read."""
    tandem.faults.add(
        Fault(path="/pumper/", change=lambda answer: {"devices": []}, times=None)
    )
    await poll(hass, entry, times=2)
    issue = issues(hass)[Issue.TANDEM_CHANGED]
    assert issue.learn_more_url == (
        "https://github.com/tconnectsync/ha-tconnectsync/issues"
    )
    assert issue.translation_placeholders == {
        "account": entry.title,
        "reason": "pumper: the answer lists no pumps",
    }
    tandem.faults.clear()
    await poll(hass, entry)
    assert issues(hass) == {}


@pytest.mark.parametrize(
    ("others", "told"),
    [((), Issue.NO_OWN_PUMP), (("Byron", "Anne"), Issue.SEVERAL_PERSONS)],
)
async def test_whose_pump_it_is_has_to_be_said(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    *,
    others: tuple[str, ...],
    told: Issue,
) -> None:
    """An account that stops identifying its own pump raises an issue until it does so again."""
    account = tandem.accounts[EMAIL.lower()]
    account.wears_pump = False
    for name in others:
        account.looks_after.append(tandem.add_account(f"{name}@example.org", ""))
    tandem.sign_in.expire_tokens()
    await poll(hass, entry)
    assert set(issues(hass)) == {told}
    account.wears_pump = True
    freezer.tick(HOUR)
    await poll(hass, entry)
    assert issues(hass) == {}


async def test_insulin_that_cannot_be_read(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """Insulin totals are unknown, the issue lists the event codes, and glucose is still shown."""
    pump.log_event(559, doseId=1)
    pump.log_event(20, bolusId=7)
    pump.log_event(64, bolusId=7)
    pump.read_glucose(120)
    tandem.accounts[EMAIL.lower()].pumps[0].upload()
    entry = add_entry(hass, tandem)
    await start(hass, entry)
    issue = issues(hass)[Issue.INSULIN_UNREADABLE]
    assert issue.learn_more_url
    assert issue.translation_placeholders == {
        "account": entry.title,
        "codes": "20 (1), 64 (1), 559 (1)",
    }
    for key in (
        *("basal_today", "bolus_today", "insulin_today", "reservoir"),
        *("carbs_today", "bolus_count_today"),
    ):
        assert shown(hass, f"sensor.{key}").state == STATE_UNKNOWN
    assert shown(hass, "sensor.glucose").state == "120"


async def test_other_error_at_tandem_is_not_for_the_person(
    hass: HomeAssistant, tandem: SimulatedTandem, entry: MockConfigEntry
) -> None:
    """Temporary errors raise no issue."""
    tandem.faults.add(Fault(path="/api/", status=503, times=None))
    await poll(hass, entry)
    async_fire_time_changed(hass, datetime.now(UTC) + timedelta(minutes=1))
    await settle(hass)
    assert issues(hass) == {}


async def test_nightscout_refused(
    hass: HomeAssistant,
    nightscout: SimulatedNightscout,
    listed: ListedPump,
    freezer: FrozenDateTimeFactory,
    forwarded: MockConfigEntry,
) -> None:
    """The issue is raised while Nightscout refuses the secret."""
    assert issues(hass) == {}
    nightscout.api_secret = "another secret than before"
    upload_later(freezer, listed)
    await poll(hass, forwarded)
    assert list(issues(hass)) == [Issue.NIGHTSCOUT_REFUSED]
    nightscout.api_secret = API_SECRET
    upload_later(freezer, listed)
    await poll(hass, forwarded)
    assert issues(hass) == {}


async def test_nightscout_forbidden(
    hass: HomeAssistant, tandem: SimulatedTandem, nightscout: SimulatedNightscout
) -> None:
    """The issue names the missing rights of a read-only token."""
    token = nightscout.add_token("reader", ["*:*:read"])
    entry = add_entry(hass, tandem, nightscout=nightscout, secret=token)
    await start(hass, entry)
    raised = issues(hass)
    assert list(raised) == [Issue.NIGHTSCOUT_FORBIDDEN]
    assert raised[Issue.NIGHTSCOUT_FORBIDDEN].translation_placeholders == {
        "account": entry.title,
        "reason": "api:treatments:create → careportal",
    }


async def test_what_is_ignored_stays_ignored(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """An ignored issue stays ignored over a reload, and is raised again after it was resolved."""
    entry = add_entry(hass, tandem, {CONF_PUMP_TIME_ZONE: "Pacific/Honolulu"})
    await start(hass, entry)
    await poll(hass, entry)
    issue = issues(hass)[Issue.CLOCK_MISMATCH]
    ir.async_ignore_issue(hass, DOMAIN, issue.issue_id, True)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await poll(hass, entry)
    assert issues(hass)[Issue.CLOCK_MISMATCH].dismissed_version

    async def choose(zone: str) -> None:
        options = {**entry.options, CONF_PUMP_TIME_ZONE: zone}
        hass.config_entries.async_update_entry(entry, options=options)
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
        await poll(hass, entry)

    await choose(TIME_ZONE)
    assert issues(hass) == {}
    await choose("Pacific/Honolulu")
    assert issues(hass)[Issue.CLOCK_MISMATCH].dismissed_version is None


async def test_unloading_takes_everything_back(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry
) -> None:
    """Unloading an account removes its issues."""
    freezer.tick(timedelta(hours=25))
    await poll(hass, entry)
    assert issues(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    assert issues(hass) == {}


async def test_removal_takes_everything_back(
    hass: HomeAssistant, tandem: SimulatedTandem
) -> None:
    """Removing an account removes its issues completely."""
    entry = add_entry(hass, tandem, {CONF_PUMP_TIME_ZONE: "Pacific/Honolulu"})
    await start(hass, entry)
    await poll(hass, entry)
    assert issues(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert [key for key in ir.async_get(hass).issues if key[0] == DOMAIN] == []
