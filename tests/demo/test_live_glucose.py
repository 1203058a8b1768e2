"""The demo's live sensor is ahead of the uploads and has the time of its measurement."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from demo.home_assistant.dashboard import dashboard
from demo.live_glucose import live_state
from demo.pump import SimulatedPump

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_it_says_what_the_sensor_measured_last() -> None:
    """The sensor shows the last value in the pump's log, with its time."""
    pump = SimulatedPump(
        start=NOON - timedelta(days=1), time_zone=ZoneInfo("UTC"), seed=2, lucky=True
    )
    pump.run_until(NOON)
    state = live_state(pump)
    assert state is not None
    logged = [
        event
        for event in pump.events
        if "currentGlucoseDisplayValue" in event["eventProperties"]
    ]
    last = logged[-1]["eventProperties"]["currentGlucoseDisplayValue"]
    assert state["state"] == str(last)
    measured = datetime.fromisoformat(state["attributes"]["date"])
    assert timedelta() <= NOON - measured <= timedelta(minutes=6)


def test_a_pump_without_a_sensor_has_none() -> None:
    """Before the first measurement nothing is shown."""
    pump = SimulatedPump(start=NOON, time_zone=ZoneInfo("UTC"), quiet=True)
    assert live_state(pump) is None


def test_each_account_has_a_card_of_its_own() -> None:
    """The first card is placed next to its entities, each other one in its own view."""
    cards = [
        {"config_entry_id": "a", "live_glucose": "sensor.b"},
        {"config_entry_id": "c"},
    ]
    first, second = dashboard({}, {}, {}, cards)["views"]
    assert first["sections"][0]["cards"][0].items() >= cards[0].items()
    assert second["cards"][0].items() >= cards[1].items()
