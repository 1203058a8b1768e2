"""What this integration needs to be run without Home Assistant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
import json
from urllib.parse import urlsplit

import aiohttp

from bench.person import EMAIL, PASSWORD
from custom_components.tconnectsync.nightscout.ledger import DayLedger
from custom_components.tconnectsync.nightscout.ledger_json import (
    ledger_from_json,
    ledger_to_json,
)
from custom_components.tconnectsync.tandem import TandemClient, TokenProvider, regions
from demo.tandem import SimulatedTandem
from demo.tandem.certificate import Certificate
from demo.tandem.loopback import Loopback


@dataclass(slots=True)
class KeptLedger:
    """The integration's ledger, a text for each day."""

    texts: dict[date, str] = field(default_factory=dict)

    async def load(self, day: date) -> DayLedger | None:
        """Return a day as it was last saved."""
        text = self.texts.get(day)
        return None if text is None else ledger_from_json(json.loads(text))

    async def save(self, day: date, ledger: DayLedger) -> None:
        """Keep a day."""
        self.texts[day] = json.dumps(ledger_to_json(ledger))


@asynccontextmanager
async def reading(
    tandem: SimulatedTandem, certificate: Certificate
) -> AsyncIterator[TandemClient]:
    """Read the account under the service's own host names."""
    port = urlsplit(tandem.url).port
    assert port is not None
    connector = aiohttp.TCPConnector(
        resolver=Loopback(port), ssl=certificate.for_client()
    )
    async with aiohttp.ClientSession(connector=connector) as session:
        region = regions()[tandem.region_name]
        yield TandemClient(session, TokenProvider(session, region, EMAIL, PASSWORD))
