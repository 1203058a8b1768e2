"""The results of a pump's log without any disturbance, for comparison."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import Document, PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.sync import NightscoutSync
from custom_components.tconnectsync.statistics_corrections import TOLERANCE
from custom_components.tconnectsync.statistics_series import SERIES
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.therapy.history import History, derive
from custom_components.tconnectsync.therapy.hourly_figures import (
    Hour,
    first_complete_hour,
    hours,
)
from demo.nightscout import SimulatedNightscout
from demo.nightscout.kinds import Version
from demo.tandem import ListedPump
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .conftest import API_SECRET, TIME_ZONE
from .nightscout.site import KeptLedger, by_day
from .recorder_rows import recorded

FEATURES = [feature for feature in Feature if feature is not Feature.PROFILES]
"""Features whose documents follow from the pump's events alone."""
SUMS = 3 * TOLERANCE
"""An hour that differs by less than the tolerance is not corrected; here two such sums and an amount add up."""


def all_that_happened(listed: ListedPump, zone: str = TIME_ZONE) -> History:
    """Return the history that follows from the complete log of a pump."""
    events = decode_events(map(dict, listed.pump.events)).events
    return derive(events, (), ZoneInfo(zone), listed.last_upload)


async def undisturbed(
    hass: HomeAssistant, wanted: list[Document], version: Version
) -> list[dict[str, Any]]:
    """Return the documents of a site to which these were sent in one go."""
    site = SimulatedNightscout(api_secret=API_SECRET, version=version, refusal_delay=0)
    await site.start()
    try:
        client = NightscoutClient(async_get_clientsession(hass), site.url, API_SECRET)
        sync = NightscoutSync(client, KeptLedger())
        result = await sync.sync(by_day(wanted), set(Feature), {})
        assert (result.created, result.pending) == (len(wanted), 0)
        return held(site)
    finally:
        await site.stop()


def held(site: SimulatedNightscout) -> list[dict[str, Any]]:
    """Return all documents of a site, including duplicates, without the ids that it assigned."""
    return sorted(
        (
            {key: value for key, value in document.items() if key != "_id"}
            for collection in ("treatments", "entries", "devicestatus")
            for document in site.documents(collection)
        ),
        key=lambda document: (document["identifier"], str(document)),
    )


async def assert_in_step(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    listed: ListedPump,
    nightscout: SimulatedNightscout,
    version: Version,
    *,
    zone: str = TIME_ZONE,
) -> None:
    """Check that Nightscout has the documents that it would have without any disturbance."""
    forwarding = entry.runtime_data.forwarder
    assert (forwarding.status.error, forwarding.status.pending) == (None, 0)
    pump = PumpIdentity(serial_number=listed.pump.serial_number, model="t:slim X2")
    history = all_that_happened(listed, zone)
    wanted = documents(history, pump, FEATURES, forwarding.starts)
    assert held(nightscout) == await undisturbed(hass, wanted, version)


async def assert_recorded(
    hass: HomeAssistant, entry: MockConfigEntry, history: History
) -> None:
    """Check that all complete hours are recorded as the pump's events say, and that sums are correct."""
    data = entry.runtime_data.coordinator.data
    derived = hours([history], insulin_duration=data.insulin_duration)
    first = first_complete_hour([history], data.complete_after)
    assert first is not None
    wanted: Mapping[datetime, Hour] = {
        hour: figures for hour, figures in derived.items() if hour >= first
    }
    for series in SERIES:
        rows = await recorded(hass, entry.runtime_data.statistics.statistic_id(series))
        rows = {hour: row for hour, row in rows.items() if hour >= first}
        if series.spread_fn:
            means = {
                hour: row["mean"]
                for hour, row in rows.items()
                if row["mean"] is not None
            }
            assert means == pytest.approx(
                {
                    hour: spread.mean
                    for hour, figures in wanted.items()
                    if (spread := series.spread_fn(figures)).weight
                },
                abs=TOLERANCE,
            )
            continue
        assert series.amount_fn is not None
        total = rows[min(rows)]["sum"] - rows[min(rows)]["state"]
        for hour in sorted(rows.keys() | wanted.keys()):
            amount = series.amount_fn(wanted.get(hour, Hour()))
            total += amount
            assert rows[hour]["state"] == pytest.approx(amount, abs=TOLERANCE), hour
            assert rows[hour]["sum"] == pytest.approx(total, abs=SUMS), hour
