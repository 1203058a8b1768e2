"""From adding the integration to removing it, by hand in a browser."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Page, ViewportSize, expect
import pytest

from demo.nightscout import SimulatedNightscout

from .camera import Camera
from .companion import Companion
from .harness import PASSWORD, PHONE, TIME_ZONE, Harness, Wearer
from .lives import live_a_full_day
from .picture import card_of
from .user_actions import (
    ENTRY,
    activity_lines,
    choose_day,
    choose_from_menu,
    close,
    form,
    send,
    states,
    type_into,
    typed,
    until,
    until_drawn,
)

EMAIL = "someone@example.org"
NEW_PASSWORD = "another password"
API_SECRET = "the secret of the site"
WINDOW: ViewportSize = {"width": 900, "height": 900}
WIDE: ViewportSize = {"width": 1280, "height": 1120}
LOOKS_BACK_WITHIN_MS = 90_000
"""Timeout for values from the last weeks, which are read slowly, such as the start of the sensor."""
WHOLE: ViewportSize = {"width": 1280, "height": 1460}
CARD: ViewportSize = {"width": 1140, "height": 880}
SECRET_FIELD = "API secret or access token"
LOOKS = {
    "glucose": r"\d+ mg/dL",
    "insulin_on_board": r"\d+\.\d\d U",
    "last_bolus": r"\d+\.\d\d U",
    "carbs_today": r"\d+ g",
    "basal_rate": r"\d\.\d{3} U/h",
    "time_in_range": r"\d+(\.\d)?%",
    "last_event": r"1\d minutes ago",
}
DASHBOARD = "our-pump/pump"
DAYS_OF_BARS = 14
MESSAGE = "Look at the pump."
BLUEPRINTS = Path(__file__).parents[2] / "blueprints" / "automation"
DELTA = "sensor.t_slim_x2_glucose_delta"
NOT_KNOWN_OF_A_G7 = {"sensor.t_slim_x2_sensor_expires"}


def ago(**time: float) -> datetime:
    """Return a time in the past."""
    return datetime.now(UTC) - timedelta(**time)


@pytest.fixture(scope="module")
async def nightscout() -> AsyncIterator[SimulatedNightscout]:
    """A person's Nightscout."""
    nightscout = SimulatedNightscout(api_secret=API_SECRET, refusal_delay=0.1)
    await nightscout.start()
    yield nightscout
    await nightscout.stop()


@pytest.fixture(scope="module")
async def phone() -> AsyncIterator[Companion]:
    """A person's phone."""
    phone = Companion()
    await phone.start()
    yield phone
    await phone.stop()


@pytest.fixture(scope="module")
async def home(harness: Harness, nightscout: SimulatedNightscout) -> Harness:
    """An empty Home Assistant; other tests that share it follow later."""
    assert await harness.entries() == []
    return harness


@pytest.fixture(scope="module")
def somebody(home: Harness) -> Wearer:
    """A person whose phone has just uploaded."""
    somebody = home.add(EMAIL, timedelta(days=16), seed=9)
    live_a_full_day(somebody.pump, ago(minutes=12))
    somebody.live(ago(minutes=12))
    return somebody


@pytest.fixture
async def account(
    home: Harness, somebody: Wearer, nightscout: SimulatedNightscout
) -> Wearer:
    """A person's account in Home Assistant, as the previous step left it, or a new one."""
    if await home.entries():
        if not somebody.entry_id:
            await home.recognise(somebody)
    else:
        site = {"nightscout_url": nightscout.url, "nightscout_secret": API_SECRET}
        await home.set_up(somebody, **site)
    return somebody


async def device_page(home: Harness, wearer: Wearer, **options: Any) -> Page:
    """Open the page of the pump."""
    page = await home.open(f"config/devices/device/{wearer.device_id}", **options)
    await expect(page.get_by_text("Reservoir")).to_be_visible()
    return page


async def test_it_is_added(
    home: Harness, somebody: Wearer, nightscout: SimulatedNightscout, camera: Camera
) -> None:
    """Search, sign in, choose the pump, enter Nightscout. The form names errors and keeps the input."""
    page = await home.open("config", viewport=WINDOW)
    await page.get_by_role("link", name="Devices & services").click()
    await page.get_by_role("button", name="Add integration").click()
    search = page.get_by_placeholder("Search for a brand name")
    found = page.get_by_role("button", name="Tandem insulin pump (tconnectsync)")
    for words in ("tconnect", "Tandem", "insulin pump"):
        await search.fill(words)
        await expect(found).to_be_visible()
    await camera.take(page, "search")
    await found.click()

    dialog = form(page)
    await expect(dialog).to_contain_text("This is not a medical device.")
    await type_into(dialog, "Email", EMAIL)
    await type_into(dialog, "Password", "not this one")
    await dialog.get_by_text("Demo (simulated)").click()
    await send(dialog, "Next", "Tandem rejected the sign-in.")
    await camera.take(page, "sign-in")
    assert await typed(dialog, "Email") == EMAIL
    assert await typed(dialog, "Password") == "not this one"
    await expect(dialog.get_by_role("radio", name="Demo")).to_be_checked()
    await type_into(dialog, "Password", PASSWORD)
    await send(dialog, "Next", "Choose the pump")

    await expect(dialog).to_contain_text("t:slim X2, 11223344, last upload")
    await expect(dialog).to_contain_text(TIME_ZONE)
    await camera.take(page, "pump")
    await send(dialog, "Next", "Forward to Nightscout")

    await type_into(dialog, "Address", nightscout.url)
    await type_into(dialog, SECRET_FIELD, "not this one")
    await send(dialog, "Submit", "This address starts with http, not https")
    assert await typed(dialog, SECRET_FIELD) == "not this one"
    assert nightscout.requests == []
    await send(dialog, "Submit", "Nightscout rejected this secret.")
    await camera.take(page, "nightscout")
    assert await typed(dialog, "Address") == nightscout.url
    assert await typed(dialog, SECRET_FIELD) == "not this one"
    await type_into(dialog, SECRET_FIELD, API_SECRET)
    await send(dialog, "Submit", "Skip and finish")
    await close(dialog, "Skip and finish")

    await page.wait_for_url(f"**/{ENTRY}*")
    row = page.locator("ha-config-entry-row")
    for words in ("Tandem Source (Demo)", "t:slim X2", "Nightscout"):
        await expect(row).to_contain_text(words)
    await camera.take(page, "account")
    await home.recognise(somebody)
    await home.until_loaded(somebody)


async def test_nightscout_has_it(
    home: Harness, account: Wearer, nightscout: SimulatedNightscout
) -> None:
    """The pump's data reaches Nightscout, and the device *Nightscout* shows how many documents were sent."""
    devices = {device["entry_type"]: device for device in await home.devices(account)}
    site = devices["service"]
    page = await home.open(f"config/devices/device/{site['id']}")
    row = page.locator("hui-generic-entity-row")
    await expect(row.filter(has_text="Connected")).to_be_visible()
    pending = page.locator("hui-sensor-entity-row", has_text="Waiting to be sent")
    await expect(pending).to_contain_text("0")
    sent = nightscout.counters
    shown = await states(page)
    documents = f"{sum(sent.values())} documents"
    assert shown["sensor.nightscout_sent_to_nightscout"] == documents
    assert shown["binary_sensor.nightscout_connected"] == "Connected"
    treatments = nightscout.documents("treatments")
    kinds = {document["eventType"] for document in treatments}
    assert {"Temp Basal", "Site Change", "Meal Bolus", "Exercise"} <= kinds
    meals = [(one.get("carbs"), one.get("insulin")) for one in treatments]
    assert meals.count((47, 4.35)) == 1
    assert len(nightscout.documents("profile")) == 1


async def test_the_device_shows_everything(
    home: Harness, account: Wearer, camera: Camera
) -> None:
    """Every entity that is on exists and has a value soon after the account was added."""
    page = await device_page(home, account, viewport=WIDE)
    entities = [
        entity["entity_id"]
        for entity in await home.api.command("config/entity_registry/list")
        if entity["device_id"] == account.device_id and not entity["disabled_by"]
    ]
    news = {entity for entity in entities if entity.startswith("event.")}
    known = page.locator("hui-generic-entity-row", has_text="Sensor started")
    await expect(known.filter(has_text="Unknown")).to_have_count(
        0, timeout=LOOKS_BACK_WITHIN_MS
    )
    shown = await states(page)
    assert sorted(shown) == sorted(entities)
    empty = {one for one, state in shown.items() if state in {"Unknown", "Unavailable"}}
    # A sensor misses a reading now and then, and with it a change over five minutes.
    assert empty - {DELTA} == NOT_KNOWN_OF_A_G7 | news
    assert shown["binary_sensor.t_slim_x2_data_out_of_date"] == "No"
    for name, value in LOOKS.items():
        assert re.fullmatch(value, shown[f"sensor.t_slim_x2_{name}"]), name
    await camera.take(page, "device")


async def test_a_dashboard_is_a_click_away(
    home: Harness, account: Wearer, camera: Camera
) -> None:
    """The dashboard of the integration is chosen from a list, and draws the last days from their series."""
    page = await home.open("config/lovelace/dashboards", viewport=WINDOW)
    await page.get_by_role("button", name="Add dashboard").click()
    await page.locator("dashboard-card", has_text="Insulin pump").click()
    dialog = page.locator("dialog-lovelace-dashboard-detail")
    await dialog.get_by_role("textbox", name="Title").fill("Our pump")
    await dialog.get_by_role("button", name="Create").click()
    listed = page.locator("ha-data-table").get_by_text("Our pump")
    await expect(listed).to_be_visible()
    await home.until_written(account, "bolus", DAYS_OF_BARS)
    page = await home.open(DASHBOARD, viewport=WHOLE)
    graphs = page.locator("hui-statistics-graph-card")
    await expect(graphs).to_have_count(2)
    for graph in await graphs.all():
        await until_drawn(graph.locator("canvas").first)
    await camera.take(page, "dashboard")


async def test_an_automation_is_clicked_together(
    home: Harness, account: Wearer, camera: Camera
) -> None:
    """An automation uses a pump alarm as the trigger and a notification as the action. Only its words are typed."""
    page = await home.open("config/automation/edit/new", viewport=WINDOW)
    await page.get_by_role("button", name="Add trigger").click()
    search = page.get_by_placeholder("Search").first
    await search.fill("alarm raised")
    await page.get_by_text("Pump alarm raised").click()
    await page.get_by_role("button", name="Add target").click()
    await page.get_by_role("button", name="Devices").last.click()
    names = page.locator("ha-target-picker [slot=headline]")
    device = names.filter(has_text="t:slim X2")
    await expect(device).to_have_count(1)
    await expect(names.filter(has_text="Nightscout")).to_have_count(0)
    await device.click()
    await expect(page.locator("ha-automation-trigger-row")).to_contain_text("t:slim X2")
    await page.get_by_role("button", name="Add action").click()
    await search.fill("persistent notification")
    await page.get_by_text("Send a persistent notification").first.click()
    sidebar = page.locator("ha-automation-sidebar")
    await sidebar.get_by_role("textbox").first.fill(MESSAGE)
    await camera.take(page, "automation")
    await page.get_by_role("button", name="Save").click()
    dialog = page.locator("ha-dialog-automation-save")
    await dialog.get_by_role("textbox").first.fill("Pump alarm")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("textbox")).to_have_count(0)
    await home.until_on("automation.pump_alarm")


async def test_an_alarm_is_notified(
    home: Harness, account: Wearer, phone: Companion, camera: Camera
) -> None:
    """An occlusion of the pump appears as a notification on the phone, on the card, and in words in the activity log."""
    await alarms_on_the_phone(home, account, phone)
    account.pump.run_until(ago(minutes=4))
    at = account.pump.now.astimezone(ZoneInfo(TIME_ZONE))
    account.pump.provoke_alarm(2)
    account.live(ago(minutes=3))
    await home.look_now(account)
    tag = f"pump-{account.device_id}-alarm-occlusion"
    alarm = await phone.shows(tag, "Occlusion")
    assert alarm["title"] == "t:slim X2: Occlusion"
    said = rf"Occlusion at {at:%H:%M} by the pump's clock, \d minutes ago\."
    assert re.fullmatch(said, alarm["message"])
    log = f"logbook?device_id={account.device_id}"
    page = await home.open(log)
    await expect(activity_lines(page, "Alarm raised", "Occlusion")).to_have_count(1)
    await expect(activity_lines(page, "Alarm", "Active")).to_have_count(1)
    await expect(activity_lines(page, "Suspended", "Suspended")).to_have_count(1)
    await camera.take(page, "activity")
    page = await home.open(DASHBOARD, viewport=PHONE, device_scale_factor=2)
    raised = page.locator("tconnectsync-card .raised")
    await expect(raised).to_contain_text("Occlusion, since")
    await camera.take(page, "phone")
    await page.get_by_role("button", name="Sidebar toggle").click()
    await page.get_by_text("Notifications", exact=True).click()
    notification = page.locator("notification-drawer").get_by_text(MESSAGE)
    await expect(notification).to_be_visible()
    await camera.take(page, "notification")
    account.pump.clear_alarm(2)
    account.pump.resume()
    account.live()
    await home.look_now(account)
    over = await phone.shows(tag, "Cleared")
    assert over["title"] == alarm["title"]
    assert re.fullmatch(r"Cleared at ..:.., \d minutes? ago\.", over["message"])
    page = await home.open(log)
    await expect(activity_lines(page, "Suspended", "Delivering")).to_have_count(1)


async def alarms_on_the_phone(home: Harness, account: Wearer, phone: Companion) -> None:
    """Register a phone, import the blueprint, and choose the pump and the phone."""
    path = "tconnectsync/pump_alarm.yaml"
    blueprint = (BLUEPRINTS / path).read_text()
    imported = {"domain": "automation", "path": path, "yaml": blueprint}
    await home.api.command("blueprint/save", **imported)
    registered = await phone.register(home.api, "Ada's phone")
    chosen = {"pump": account.device_id, "phones": [registered]}
    await home.api.post(
        "config/automation/config/alarms_on_the_phone",
        {
            "alias": "Alarms on the phone",
            "use_blueprint": {"path": path, "input": chosen},
        },
    )
    await home.until_on("automation.alarms_on_the_phone")


async def test_the_card_draws_it(
    home: Harness, account: Wearer, camera: Camera
) -> None:
    """The card shows the same day."""
    card = {"type": "custom:tconnectsync-card", "device_id": account.device_id}
    await home.dashboard("the-card", card, type="panel")
    page = await home.open("the-card/0", viewport=CARD)
    drawn = await card_of(page)
    await expect(drawn.locator(".glucose .readings")).to_have_count(1)
    await camera.take(drawn, "card")


async def test_an_action_answers(
    home: Harness, account: Wearer, camera: Camera
) -> None:
    """A dry run of a backfill says what it would write."""
    page = await home.open("config/tools/action", viewport=WINDOW)
    await page.locator("ha-service-picker").click()
    await page.get_by_placeholder("Search").fill("tconnectsync")
    await page.get_by_text("tconnectsync.backfill").click()
    today = datetime.now(ZoneInfo(TIME_ZONE)).date()
    await choose_day(page, "First day", today - timedelta(days=5))
    await choose_day(page, "Last day", today - timedelta(days=4))
    tried = page.locator("ha-settings-row", has_text="Dry run")
    await tried.locator("ha-switch").click()
    await page.get_by_role("button", name="Perform action").click()
    answer = page.locator("ha-yaml-editor .cm-content").last
    await expect(answer).to_contain_text("days: 2")
    await expect(answer).to_contain_text("Temp Basal:")
    await answer.scroll_into_view_if_needed()
    await camera.take(page, "action")


async def test_options_are_kept(
    home: Harness, account: Wearer, nightscout: SimulatedNightscout, camera: Camera
) -> None:
    """Changed options are still set when the form is opened again, and they take effect."""
    assert nightscout.documents("entries") == []
    page = await home.open(ENTRY, viewport=WINDOW)
    dialog = form(page)
    glucose = dialog.get_by_role("checkbox", name="Sensor glucose")
    stale = dialog.get_by_role("spinbutton")
    await page.get_by_role("button", name="Configure").click()
    await expect(glucose).not_to_be_checked()
    await expect(stale).to_have_value("120")
    await camera.take(page, "options")
    await dialog.get_by_text("Sensor glucose", exact=True).click()
    await stale.fill("180")
    await send(dialog, "Next", "Glucose limits")
    await expect(dialog).to_contain_text("70 and 180 mg/dL")
    await dialog.get_by_role("spinbutton", name="Low below").fill("80")
    await send(dialog, "Submit", "Options successfully saved.")
    await close(dialog, "Finish")

    await page.get_by_role("button", name="Configure").click()
    await expect(glucose).to_be_checked()
    await expect(stale).to_have_value("180")
    await send(dialog, "Next", "Glucose limits")
    low = dialog.get_by_role("spinbutton", name="Low below")
    await expect(low).to_have_value("80")
    await until(lambda: len(nightscout.documents("entries")) > 50)


async def test_it_is_reconfigured(
    home: Harness, account: Wearer, nightscout: SimulatedNightscout, camera: Camera
) -> None:
    """The menu of the entry opens the settings for Tandem and Nightscout. Both connections are tested first."""
    page = await home.open(ENTRY, viewport=WINDOW)
    dialog = form(page)
    await choose_from_menu(page, "Reconfigure")
    await expect(dialog).to_contain_text("What do you want to change?")
    await camera.take(page, "reconfigure")
    await dialog.get_by_text("Tandem: email, password, or region").click()
    await expect(dialog).to_contain_text("Sign in to the same Tandem account.")
    assert await typed(dialog, "Email") == EMAIL
    await type_into(dialog, "Password", "not this one")
    await send(dialog, "Submit", "Tandem rejected the sign-in.")
    await type_into(dialog, "Password", PASSWORD)
    await send(dialog, "Submit", "Reconfiguration was successful")
    await close(dialog, "Close")

    nightscout.api_secret = "a new secret"
    await choose_from_menu(page, "Reconfigure")
    await dialog.get_by_text(
        "Nightscout: address or secret, or stop forwarding"
    ).click()
    await expect(dialog).to_contain_text("Clear the address to stop forwarding.")
    assert await typed(dialog, "Address") == nightscout.url
    await send(dialog, "Submit", "This address starts with http, not https")
    await send(dialog, "Submit", "Nightscout rejected this secret.")
    await type_into(dialog, SECRET_FIELD, "a new secret")
    await send(dialog, "Submit", "Reconfiguration was successful")
    await close(dialog, "Close")
    await home.until_loaded(account)


async def test_a_new_password_is_asked_for(
    home: Harness, account: Wearer, camera: Camera
) -> None:
    """If Tandem no longer accepts the password, the entry needs attention. With the new password everything continues."""
    page = await home.open(ENTRY, viewport=WINDOW)
    await expect(page.locator("ha-config-entry-row")).to_be_visible()
    home.tandem.accounts[EMAIL].password = NEW_PASSWORD
    home.tandem.sign_in.expire_tokens()
    home.tandem.sign_in.end_sessions()
    await home.look_now(account)
    await expect(page.get_by_text("Attention required")).to_be_visible()
    await page.get_by_role("button", name="Reconfigure").click()
    dialog = form(page)
    await expect(dialog).to_contain_text(EMAIL)
    await type_into(dialog, "Password", "not this one")
    await send(dialog, "Submit", "Tandem rejected the sign-in.")
    assert await typed(dialog, "Password") == "not this one"
    await camera.take(page, "password")
    await type_into(dialog, "Password", NEW_PASSWORD)
    await send(dialog, "Submit", "Re-authentication was successful")
    await close(dialog, "Close")
    await expect(page.get_by_text("Attention required")).to_have_count(0)

    page = await device_page(home, account)
    delivering = page.locator("hui-generic-entity-row", has_text="Delivering")
    await expect(delivering).to_have_count(1)
    account.pump.run_until(ago(seconds=1))
    account.pump.suspend()
    account.live()
    await page.get_by_role("button", name="Press").click()
    await expect(delivering).to_have_count(0)
    assert (await states(page))["binary_sensor.t_slim_x2_suspended"] == "Suspended"


async def test_it_is_removed(home: Harness, account: Wearer, camera: Camera) -> None:
    """Deleting the entry also deletes its devices, its entities and its files. A dashboard says so."""
    assert home.kept() != []
    page = await home.open(ENTRY, viewport=WINDOW)
    await choose_from_menu(page, "Delete")
    question = page.locator("dialog-box")
    await expect(question).to_contain_text("Delete Tandem Source (Demo)?")
    await camera.take(page, "delete")
    await close(question, "Delete")
    await expect(page.get_by_text("No entries")).to_be_visible()
    assert await home.entries() == []
    assert await home.devices(account) == []
    listed = await home.api.command("config/entity_registry/list")
    assert [one for one in listed if one["platform"] == "tconnectsync"] == []
    assert home.kept() == []
    await home.strategy_dashboard("the-left")
    page = await home.open("the-left/pump")
    left = page.locator("hui-markdown-card")
    await expect(left).to_contain_text("delete this dashboard")
