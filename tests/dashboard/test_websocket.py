"""Answers to the card: records at their true time, then changes, and the reason for missing data."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, cast
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.tconnectsync.const import (
    CONF_GLUCOSE_UNIT,
    CONF_HIGH_LIMIT,
    CONF_LIVE_GLUCOSE,
    CONF_PUMP,
    CONF_STALE_AFTER,
    DOMAIN,
)
from custom_components.tconnectsync.coordinator import TconnectsyncCoordinator
from custom_components.tconnectsync.dashboard.serve_card import card_url
from custom_components.tconnectsync.device import pump_identifier
from custom_components.tconnectsync.queries.history_json import histories_json
from demo.pump import SimulatedPump
from demo.tandem import ListedPump, SimulatedTandem
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import list_statistic_ids
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.account import add_entry, poll, settle, start
from tests.conftest import EMAIL

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

DAY = timedelta(days=1)


def instant(text: str) -> datetime:
    """Return an instant as the answers write it."""
    return datetime.fromisoformat(text)


async def ask(client: MockHAClientWebSocket, **details: Any) -> dict[str, Any]:
    """Subscribe, to a day by default, and return the answer."""
    since = (datetime.now(UTC) - DAY).isoformat()
    await client.send_json_auto_id(
        {"type": f"{DOMAIN}/subscribe_history", "start": since, **details}
    )
    answer: dict[str, Any] = await client.receive_json()
    return answer


async def subscribe(client: MockHAClientWebSocket, **details: Any) -> dict[str, Any]:
    """Subscribe and return the first message."""
    answer = await ask(client, **details)
    assert answer["success"], answer
    return await next_message(client)


async def next_message(client: MockHAClientWebSocket) -> dict[str, Any]:
    """Return the next message."""
    message = await client.receive_json()
    assert message["type"] == "event", message
    event: dict[str, Any] = message["event"]
    return event


async def assert_nothing_sent(client: MockHAClientWebSocket) -> None:
    """Check that no message arrives before the answer to another request."""
    await client.send_json_auto_id({"type": "ping"})
    message = await client.receive_json()
    assert message["type"] == "pong", message


def coordinator_of(entry: MockConfigEntry) -> TconnectsyncCoordinator:
    """Return the coordinator of the account."""
    coordinator: TconnectsyncCoordinator = entry.runtime_data.coordinator
    return coordinator


async def test_records_come_at_their_true_time(
    client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """The first answer contains the records of the day and the current state at its end."""
    history = coordinator_of(entry).data.history
    event = await subscribe(client)
    assert event["state"] == "loaded"
    assert event["error"] is None
    assert history.newest is not None
    assert instant(event["newest"]) == history.newest
    since = instant(event["now"]) - DAY
    expected = {
        reading.start: reading.value
        for reading in history.readings
        if reading.start > since + timedelta(minutes=1)
    }
    found = {
        instant(reading["time"]): reading["glucose_mg_dl"]
        for reading in event["records"]["glucose"]
    }
    assert len(expected) > 200
    assert expected.items() <= found.items()
    boluses = [bolus for bolus in history.boluses if bolus.start > since]
    assert [bolus["id"] for bolus in event["records"]["boluses"]] == [
        bolus.identity for bolus in boluses
    ]
    running = coordinator_of(entry).data.state.basal
    assert running is not None
    current = event["basal"] or event["suspension"]
    assert instant(current["start"]) == running.start


async def test_limits_unit_and_patience_are_the_persons(
    hass: HomeAssistant, tandem: SimulatedTandem, hass_ws_client: WebSocketGenerator
) -> None:
    """Limits, unit and age limit come from the options."""
    entry = add_entry(
        hass,
        tandem,
        {
            CONF_HIGH_LIMIT: 160,
            CONF_STALE_AFTER: 90,
            CONF_GLUCOSE_UNIT: "mmol/L",
            CONF_LIVE_GLUCOSE: "sensor.dexcom_glucose",
        },
    )
    assert await start(hass, entry)
    event = await subscribe(await hass_ws_client(hass))
    assert event["high_mg_dl"] == 160
    assert event["low_mg_dl"] == coordinator_of(entry).data.pumper.low_glucose
    assert event["stale_after_minutes"] == 90
    assert event["glucose_unit"] == "mmol/L"
    assert event["live_glucose"] == "sensor.dexcom_glucose"


async def test_which_card_there_is(
    hass: HomeAssistant, client: MockHAClientWebSocket
) -> None:
    """A page with the card of an earlier version shows that it is outdated."""
    event = await subscribe(client)
    assert card_url(hass) == f"/{DOMAIN}/{event['card']}/card.js"


async def test_a_span_and_kinds(client: MockHAClientWebSocket) -> None:
    """Only the requested kinds in the requested span are returned."""
    end = datetime.now(UTC) - timedelta(hours=6)
    event = await subscribe(
        client,
        start=(end - timedelta(hours=6)).isoformat(),
        end=end.isoformat(),
        kinds=["glucose"],
    )
    assert list(event["records"]) == ["glucose"]
    times = [instant(reading["time"]) for reading in event["records"]["glucose"]]
    assert times
    assert end - timedelta(hours=6) <= times[0]
    assert times[-1] < end


async def test_the_first_day_is_whole(
    client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """Incomplete days are left out."""
    long_ago = (datetime.now(UTC) - 60 * DAY).isoformat()
    event = await subscribe(client, start=long_ago, kinds=["basal"])
    complete_after = coordinator_of(entry).data.complete_after
    assert event["first_day"] == (complete_after + DAY).isoformat()
    (oldest, *_) = event["records"]["basal"]
    segments = coordinator_of(entry).data.history.basal
    (segment,) = [
        segment for segment in segments if segment.start == instant(oldest["start"])
    ]
    assert segment.day > complete_after


async def test_new_data_is_sent_at_once(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    entry: MockConfigEntry,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
) -> None:
    """New data is sent to a card without a request, and nothing twice."""
    before = await subscribe(client)
    await poll(hass, entry)
    await assert_nothing_sent(client)
    pump.read_glucose(123)
    tandem.accounts[EMAIL.lower()].pumps[0].upload()
    await poll(hass, entry)
    after = await next_message(client)
    readings = after["records"]["glucose"]
    assert readings[-1]["glucose_mg_dl"] == 123
    assert len(readings) == len(before["records"]["glucose"]) + 1
    assert after["glucose"]["glucose_mg_dl"] == 123


async def test_by_a_wrong_clock_nobody_knows_when_anything_was(
    freezer: FrozenDateTimeFactory,
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    listed: ListedPump,
    entry: MockConfigEntry,
) -> None:
    """The card is notified that the clock may be wrong, as entities are."""
    pump = cast(SimulatedPump, listed.pump)
    assert not (await subscribe(client))["clock_doubtful"]
    pump.clock.offset += 3 * 3600
    freezer.tick(300)
    pump.run_until(datetime.now(UTC))
    listed.upload()
    await poll(hass, entry)
    assert (await next_message(client))["clock_doubtful"]
    glucose = hass.states.get("sensor.t_slim_x2_glucose")
    assert glucose
    assert glucose.state == "unknown"
    now = datetime.now(UTC)
    sums = await figures(client, start=(now - DAY).isoformat(), end=now.isoformat())
    assert sums["result"]["clock_doubtful"]
    assert sums["result"]["glucose"] is sums["result"]["insulin_units"] is None
    past = await figures(
        client,
        start=(now - 2.5 * DAY).isoformat(),
        end=(now - 1.5 * DAY).isoformat(),
    )
    assert past["result"]["glucose"] is not None
    known = await hass.services.async_call(
        DOMAIN,
        "get_history",
        {"config_entry": entry.entry_id, "start": now - DAY, "kinds": ["glucose"]},
        blocking=True,
        return_response=True,
    )
    assert known is not None
    assert (known["known_until"], known["clock_doubtful"]) == (None, True)


async def test_error_is_sent_without_the_records(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    entry: MockConfigEntry,
    tandem: SimulatedTandem,
) -> None:
    """While Tandem cannot be reached the card receives the error, and then its end."""
    await subscribe(client)
    await tandem.stop()
    await poll(hass, entry)
    event = await next_message(client)
    assert event["error"] == "tandem_unreachable"
    assert "records" not in event
    await tandem.start()
    await poll(hass, entry)
    assert (await next_message(client))["error"] is None


async def test_a_reload_goes_unnoticed(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    entry: MockConfigEntry,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
) -> None:
    """A card that is open during a reload continues with the changed account."""
    await subscribe(client)
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, CONF_HIGH_LIMIT: 150}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert (await next_message(client))["state"] == "not_loaded"
    event = await next_message(client)
    assert (event["state"], event["high_mg_dl"]) == ("loaded", 150)
    assert event["records"]["glucose"]
    pump.read_glucose(99)
    tandem.accounts[EMAIL.lower()].pumps[0].upload()
    await poll(hass, entry)
    event = await next_message(client)
    while "records" not in event:
        event = await next_message(client)
    assert event["records"]["glucose"][-1]["glucose_mg_dl"] == 99


async def test_an_account_that_cannot_be_set_up(
    hass: HomeAssistant, tandem: SimulatedTandem, hass_ws_client: WebSocketGenerator
) -> None:
    """A waiting card receives the reason, and works once the account is set up."""
    await tandem.stop()
    entry = add_entry(hass, tandem)
    assert not await start(hass, entry)
    client = await hass_ws_client(hass)
    event = await subscribe(client)
    assert (event["state"], event["error"]) == ("setup_retry", "tandem_unreachable")
    await tandem.start()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    while event["state"] != "loaded":
        event = await next_message(client)
    assert event["records"]["glucose"]


async def test_an_account_that_is_turned_off_and_removed(
    hass: HomeAssistant, client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """The card receives each of the two changes once."""
    await subscribe(client)
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    await settle(hass)
    assert (await next_message(client))["state"] == "not_loaded"
    hass.config_entries.async_update_entry(entry, title="Another name")
    await assert_nothing_sent(client)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert (await next_message(client))["state"] == "removed"


async def test_no_pump(
    hass: HomeAssistant, tandem: SimulatedTandem, hass_ws_client: WebSocketGenerator
) -> None:
    """The card receives that the account's pump is not listed."""
    entry = add_entry(hass, tandem, {CONF_PUMP: "a pump that is gone"})
    assert await start(hass, entry)
    event = await subscribe(await hass_ws_client(hass))
    assert event["pump"] is None
    assert event["newest"] is None
    assert event["first_day"] is None
    assert not any(event["records"].values())


async def test_unsubscribing_ends_it(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    entry: MockConfigEntry,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
) -> None:
    """After unsubscribing no messages are sent."""
    answer = await ask(client)
    await next_message(client)
    await client.send_json_auto_id(
        {"type": "unsubscribe_events", "subscription": answer["id"]}
    )
    assert (await client.receive_json())["success"]
    pump.read_glucose(123)
    tandem.accounts[EMAIL.lower()].pumps[0].upload()
    await poll(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    await assert_nothing_sent(client)


async def test_unsubscribing_while_an_answer_is_written(
    hass: HomeAssistant, client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """An answer for a card that unsubscribed meanwhile is not sent."""
    go_on = Event()

    def write_slowly(*asked: Any, **details: Any) -> dict[str, Any]:
        assert go_on.wait(120)
        return histories_json(*asked, **details)

    with patch(
        "custom_components.tconnectsync.dashboard.subscription.histories_json",
        write_slowly,
    ):
        answer = await ask(client)
        coordinator_of(entry).async_update_listeners()
        await client.send_json_auto_id(
            {"type": "unsubscribe_events", "subscription": answer["id"]}
        )
        assert (await client.receive_json())["success"]
        go_on.set()
        await settle(hass)
    await assert_nothing_sent(client)


async def test_an_account_is_named_by_entry_device_or_entity(
    hass: HomeAssistant, client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """Each of them identifies the account, and the answer names its device."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        pump_identifier(entry), entry.entry_id
    )
    assert device is not None
    entity = next(iter(er.async_entries_for_device(er.async_get(hass), device.id)))
    for named in (
        {},
        {"config_entry_id": entry.entry_id},
        {"device_id": device.id},
        {"entity_id": entity.entity_id},
    ):
        event = await subscribe(client, **named)
        assert event["device_id"] == device.id


@pytest.mark.parametrize(
    "named",
    [
        {"config_entry_id": "none"},
        {"device_id": "none"},
        {"entity_id": "sensor.none"},
    ],
)
async def test_nothing_of_that_name(
    client: MockHAClientWebSocket, named: dict[str, str]
) -> None:
    """An unknown name is refused with a translatable message."""
    answer = await ask(client, **named)
    assert not answer["success"]
    assert answer["error"]["translation_key"] == "account_not_found"


async def test_devices_of_others_are_not_ours(
    hass: HomeAssistant, client: MockHAClientWebSocket
) -> None:
    """A device of another integration is refused."""
    other = MockConfigEntry(domain="another")
    other.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("another", "1")}
    )
    answer = await ask(client, device_id=device.id)
    assert answer["error"]["translation_key"] == "account_not_found"


async def test_one_of_several_accounts_has_to_be_chosen(
    hass: HomeAssistant, client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """With several accounts the request must name one."""
    MockConfigEntry(domain=DOMAIN, unique_id="another").add_to_hass(hass)
    answer = await ask(client)
    assert answer["error"]["translation_key"] == "account_not_chosen"
    assert (await subscribe(client, config_entry_id=entry.entry_id))["records"]


async def test_without_any_account(
    hass: HomeAssistant, client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """Without accounts the request is refused."""
    await hass.config_entries.async_remove(entry.entry_id)
    answer = await ask(client)
    assert answer["error"]["translation_key"] == "account_not_found"


async def test_the_pump_in_use_before(
    client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """Its records are shown too, and again when more of them arrive."""
    coordinator = coordinator_of(entry)
    data = coordinator.data
    event = await subscribe(client)
    (before,) = data.histories.values()
    boluses = event["records"]["boluses"]
    assert boluses
    other = replace(before, boluses=before.boluses[-1:])
    coordinator.async_set_updated_data(
        replace(data, histories={**data.histories, "another": other})
    )
    event = await next_message(client)
    assert event["records"]["boluses"] == sorted(
        [*boluses, boluses[-1]], key=lambda bolus: str(bolus["time"])
    )


async def test_the_curve_of_insulin_on_board(
    hass: HomeAssistant, client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """The curve has a step every five minutes and ends at the newest event with the sensor's value."""
    event = await subscribe(client)
    data = coordinator_of(entry).data
    curve = event["records"]["insulin_on_board_curve"]
    first, step = instant(curve["start"]), timedelta(minutes=curve["step_minutes"])
    assert first + (len(curve["units"]) - 1) * step == instant(event["newest"])
    assert timedelta() <= first - (instant(event["now"]) - DAY) < 2 * step
    estimate = data.figures.insulin_on_board_estimate
    assert estimate is not None
    assert curve["units"][-1] == pytest.approx(estimate, abs=0.001)
    assert event["insulin_on_board_estimate"] == {
        "time": event["newest"],
        "insulin_on_board_units": curve["units"][-1],
    }
    earlier = (instant(event["newest"]) - 10 * step).isoformat()
    past = await subscribe(client, end=earlier)
    assert past["records"]["insulin_on_board_curve"]["units"][-1] == pytest.approx(
        curve["units"][-11], abs=0.001
    )


async def test_the_curve_says_nothing_of_what_is_not_known(
    client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """The curve is empty while a recent pump is not read, or without an insulin duration."""
    coordinator = coordinator_of(entry)
    data = coordinator.data
    newest = data.history.newest
    assert newest
    uncertain = replace(
        data.state, delivery_uncertain_until=newest - timedelta(hours=1)
    )
    coordinator.data = replace(data, state=uncertain)
    event = await subscribe(client)
    assert set(event["records"]["insulin_on_board_curve"]["units"]) == {None}
    coordinator.data = replace(data, insulin_duration=None)
    event = await subscribe(client)
    assert event["records"]["insulin_on_board_curve"] is None
    coordinator.data = data
    later = (newest + timedelta(hours=1)).isoformat()
    event = await subscribe(client, start=later)
    assert event["records"]["insulin_on_board_curve"] is None


async def test_which_accounts_there_are(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    hass_read_only_user: MockUser,
) -> None:
    """The list has device, limits and series of each account, without those that the user may not see or that never loaded."""
    MockConfigEntry(domain=DOMAIN, unique_id="another").add_to_hass(hass)
    client = await hass_ws_client(hass, hass_read_only_access_token)

    async def accounts() -> Any:
        await client.send_json_auto_id({"type": f"{DOMAIN}/accounts"})
        return (await client.receive_json())["result"]

    (account,) = await accounts()
    data = coordinator_of(entry).data
    assert account["config_entry_id"] == entry.entry_id
    assert (account["low_mg_dl"], account["high_mg_dl"]) == data.glucose_limits
    device = dr.async_get(hass).async_get(account["device_id"])
    assert device
    assert device.name == account["name"]
    listed = await get_instance(hass).async_add_executor_job(list_statistic_ids, hass)
    series = {one["statistic_id"] for one in listed}
    assert f"{account['statistics']}_glucose" in series
    await hass.config_entries.async_unload(entry.entry_id)
    assert [one["device_id"] for one in await accounts()] == [device.id]
    hass_read_only_user.mock_policy({})
    assert await accounts() == []


async def figures(client: MockHAClientWebSocket, **details: Any) -> dict[str, Any]:
    """Request the figures of a span and return the answer."""
    await client.send_json_auto_id({"type": f"{DOMAIN}/span_figures", **details})
    answer: dict[str, Any] = await client.receive_json()
    return answer


async def test_what_a_day_comes_to(
    hass: HomeAssistant, client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """The test computes sums and shares from the records and compares them."""
    event = await subscribe(client, start=(datetime.now(UTC) - 3 * DAY).isoformat())
    newest = instant(event["newest"])
    start = newest - timedelta(hours=24)
    span = {"start": start.isoformat(), "end": newest.isoformat()}
    found = (await figures(client, **span))["result"]
    records = event["records"]
    boluses = [
        one for one in records["boluses"] if start <= instant(one["time"]) < newest
    ]
    assert found["carbs_grams"] == sum(one["carbs_grams"] for one in boluses)
    assert found["boluses"] == sum(one["delivered_units"] > 0 for one in boluses)
    basal = sum(
        one["rate_units_per_hour"]
        * max(
            timedelta(),
            min(instant(one["end"]) if one["end"] else newest, newest)
            - max(instant(one["start"]), start),
        )
        / timedelta(hours=1)
        for one in records["basal"]
    )
    insulin = basal + sum(one["delivered_units"] for one in boluses)
    assert found["insulin_units"] == pytest.approx(insulin, rel=0.05)
    assert found["basal_share_percent"] == pytest.approx(100 * basal / insulin, abs=3)
    values = [
        one["glucose_mg_dl"] or (39 if one["state"] == "low" else 401)
        for one in records["glucose"]
        if start <= instant(one["time"]) and one["state"] != "no_reading"
    ]
    glucose = found["glucose"]
    assert glucose["average_mg_dl"] == pytest.approx(sum(values) / len(values), abs=2)
    low, high = event["low_mg_dl"], event["high_mg_dl"]
    inside = sum(low <= value <= high for value in values)
    assert glucose["in_range_percent"] == pytest.approx(
        100 * inside / len(values), abs=2
    )
    # A limit that is not on its side of the account's other one does not count.
    for limit in ({"low_mg_dl": high + 10}, {"high_mg_dl": low}):
        assert (await figures(client, **span, **limit))["result"] == found
    everything = await figures(client, **span, low_mg_dl=30, high_mg_dl=500)
    lows = [one for one in records["glucose"] if one["state"] == "low"]
    too_low = sum(start <= instant(one["time"]) for one in lows)
    assert everything["result"]["glucose"]["below_range_percent"] == pytest.approx(
        100 * too_low / len(values), abs=0.1
    )


async def test_a_span_of_which_not_all_is_known(
    hass: HomeAssistant, client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """Sums of missing days, figures of the future and of accounts that are not loaded are null."""
    now = datetime.now(UTC)
    long_ago = {"start": (now - 60 * DAY).isoformat(), "end": now.isoformat()}
    found = (await figures(client, **long_ago))["result"]
    assert found["insulin_units"] is None
    assert found["glucose"] is None
    to_come = {"start": (now + DAY).isoformat(), "end": (now + 2 * DAY).isoformat()}
    found = (await figures(client, **to_come))["result"]
    assert found.pop("clock_doubtful") is False
    assert set(found.values()) == {None}
    await hass.config_entries.async_unload(entry.entry_id)
    answer = await figures(client, **long_ago)
    assert answer["error"]["translation_key"] == "unloaded"


async def test_anybody_who_may_see_entities_may_look(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    hass_read_only_user: MockUser,
) -> None:
    """Users who may see the entities need no administrator rights; others are refused."""
    client = await hass_ws_client(hass, hass_read_only_access_token)
    assert (await subscribe(client))["records"]["glucose"]
    hass_read_only_user.mock_policy({})
    answer = await ask(client)
    assert answer["error"]["code"] == "unauthorized"


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": "yesterday"},
        {"start": "0001-01-01T00:00:00+14:00"},
        {"start": "9999-12-31T23:59:59-12:00"},
        {"end": "0001-01-01T00:00:00"},
        {"end": "9999-12-31T23:59:59"},
        {"kinds": ["everything"]},
        {"device_id": "one", "entity_id": "sensor.another"},
    ],
)
async def test_what_is_asked_wrongly_is_refused(
    client: MockHAClientWebSocket, wrong: dict[str, Any]
) -> None:
    """An invalid request is refused."""
    answer = await ask(client, **wrong)
    assert answer["error"]["code"] == "invalid_format"


async def test_glucose_as_columns(client: MockHAClientWebSocket) -> None:
    """A card may request columns; they contain the same readings as the long form."""
    one_by_one = (await subscribe(client, kinds=["glucose"]))["records"]["glucose"]
    event = await subscribe(client, kinds=["glucose"], columns=True)
    columns = event["records"]["glucose"]
    assert len(one_by_one) > 200
    assert [one["glucose_mg_dl"] for one in one_by_one][-200:] == columns[
        "glucose_mg_dl"
    ][-200:]
    last = instant(columns["start"]) + timedelta(seconds=sum(columns["seconds"]))
    assert last == instant(one_by_one[-1]["time"])
