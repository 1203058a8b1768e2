"""Simulated days arrive completely and once, and their sums are right."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.tconnectsync.nightscout.document import Document, PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.tandem.event_types import PumpEvent
from custom_components.tconnectsync.therapy.history import History, derive
from demo.pump import SimulatedPump

from .site import EVERYTHING, Writer

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2025, 11, 2, 23, tzinfo=UTC)
BEFORE_WINTER = datetime(2025, 10, 25, 6, tzinfo=UTC)
IDENTITY = PumpIdentity(serial_number="11223344", model="t:slim X2")


def pump_of(seed: int, start: datetime = START) -> SimulatedPump:
    """Return the pump of a simulated person."""
    return SimulatedPump(
        start=start, time_zone=ZONE, seed=seed, serial_number="11223344"
    )


def lived(pump: SimulatedPump, zone: ZoneInfo = ZONE) -> History:
    """Return the history of a pump's complete log."""
    return derive(decode(pump.events), [], zone, None)


def decode(events: Iterable[Mapping[str, Any]]) -> list[PumpEvent]:
    """Return decoded events."""
    return decode_events(dict(event) for event in events).events


def documents_of(history: History) -> list[Document]:
    """Return every document of a history."""
    return documents(history, IDENTITY, EVERYTHING)


def basal_units(held: list[dict[str, Any]], until: datetime) -> float:
    """Return the sum of the temporary basals (U)."""
    total = 0.0
    for one in held:
        if one.get("eventType") == "Temp Basal":
            start = datetime.fromisoformat(one["created_at"])
            hours = min(one["duration"] / 60, (until - start).total_seconds() / 3600)
            total += one["absolute"] * hours
    return total


def bolus_units(held: list[dict[str, Any]], until: datetime) -> float:
    """Return the sum of the boluses (U), with extended parts up to an instant."""
    total = 0.0
    for one in held:
        total += one.get("insulin") or 0
        if "relative" in one:
            start = datetime.fromisoformat(one["created_at"])
            hours = min(one["duration"] / 60, (until - start).total_seconds() / 3600)
            total += one["relative"] * hours
    return total


def assert_adds_up(writer: Writer, pump: SimulatedPump, start: datetime) -> None:
    """Compare the sums on the site with the pump's true delivery."""
    history = lived(pump)
    until = history.newest
    assert until
    assert writer.names() == sorted(one.identifier for one in documents_of(history))
    held = writer.held()
    basal, bolus = basal_units(held, until), bolus_units(held, until)
    assert basal == pytest.approx(pump.basal_delivered(start, until), abs=0.01)
    assert bolus == pytest.approx(pump.bolus_delivered(start, until), abs=0.01)
    carbs = sum(one.get("carbs") or 0 for one in held)
    assert carbs == pump.carbs(start, until) > 0


def test_documents_of_some_days_are_those_among_all() -> None:
    """Leaving out other days does not change the documents of these."""
    pump = pump_of(3)
    pump.run_for(days=5)
    history = lived(pump)
    every = documents_of(history)
    days = {START.date() + timedelta(days=n) for n in (2, 4)}
    some = documents(history, IDENTITY, EVERYTHING, days=days)
    assert some == [one for one in every if one.day in days]
    assert {one.day for one in some} == days


@pytest.mark.parametrize("seed", [1, 5])
async def test_insulin_and_carbs_add_up(writer: Writer, seed: int) -> None:
    """Three days are sent, half a day at a time."""
    pump = pump_of(seed)
    for _ in range(6):
        pump.run_for(hours=12)
        result = await writer.hold(documents_of(lived(pump)))
        assert (result.pending, result.error) == (0, None)
    assert_adds_up(writer, pump, START)


async def test_a_clock_set_back_late_corrects_what_was_sent(writer: Writer) -> None:
    """The pump is set to winter time a day and a half after it started."""
    pump = pump_of(7, BEFORE_WINTER)
    pump.run_for(hours=60)
    await writer.hold(documents_of(lived(pump)))
    pump.move_clock(timedelta(hours=-1))
    pump.run_for(hours=2)
    result = await writer.hold(documents_of(lived(pump)))
    assert (result.pending, result.error) == (0, None)
    assert result.replaced > 200
    assert_adds_up(writer, pump, BEFORE_WINTER)


async def test_order_and_lateness_do_not_matter(writer: Writer) -> None:
    """The events of every second hour arrive one upload later."""
    pump = pump_of(3)
    pump.run_for(days=2)
    early = [one for one in pump.events if int(one["pumpDateTime"][11:13]) % 2]
    wanted = documents_of(lived(pump))
    days = sorted({one.day for one in wanted})
    await writer.hold(documents_of(derive(decode(early), [], ZONE, None)), days=days)
    result = await writer.hold(wanted, days=days)
    assert (result.pending, result.error) == (0, None)
    held = {one["identifier"]: one["tconnectsync_hash"] for one in writer.held()}
    assert held == {one.identifier: one.hash for one in wanted}
    assert len(writer.held()) == len(wanted)


async def test_a_corrected_zone_moves_everything(writer: Writer) -> None:
    """Another zone in the options changes the date of every document, and none is doubled."""
    pump = pump_of(3)
    pump.run_for(days=1)
    wrong = documents_of(lived(pump, ZoneInfo("America/New_York")))
    right = documents_of(lived(pump))
    days = sorted({one.day for one in [*wrong, *right]})
    await writer.hold(wrong, days=days)
    result = await writer.hold(right, days=days)
    assert (result.pending, result.error) == (0, None)
    assert writer.names() == sorted(one.identifier for one in right)
    instants = {
        one["identifier"]: one.get("created_at") or one["dateString"]
        for one in writer.held()
    }
    assert all(
        abs(datetime.fromisoformat(instants[one.identifier]) - one.created_at)
        < timedelta(milliseconds=1)
        for one in right
    )
