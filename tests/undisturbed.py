"""What is left of a pump's life when nothing ever went wrong."""

from typing import Any
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.sync import NightscoutSync
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.therapy.history import History, derive
from demo.nightscout import SimulatedNightscout
from demo.nightscout.kinds import Version
from demo.tandem import ListedPump
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .conftest import API_SECRET, TIME_ZONE
from .nightscout.site import KeptLedger, by_day


def all_that_happened(listed: ListedPump, zone: str = TIME_ZONE) -> History:
    """Return what follows from everything the pump ever logged."""
    events = decode_events(map(dict, listed.pump.events)).events
    return derive(events, (), ZoneInfo(zone), listed.last_upload)


async def undisturbed(
    hass: HomeAssistant, wanted: list[Document], version: Version
) -> list[dict[str, Any]]:
    """Return what a site holds that was given these documents in one go."""
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
    """Return everything a site holds but for its own ids, each as often as it is there."""
    return sorted(
        (
            {key: value for key, value in document.items() if key != "_id"}
            for collection in ("treatments", "entries", "devicestatus")
            for document in site.documents(collection)
        ),
        key=lambda document: (document["identifier"], str(document)),
    )
