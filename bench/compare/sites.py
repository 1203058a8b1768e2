"""Runs both programs on a pump's uploads, each into its own Nightscout or both into one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import aiohttp

from bench.person import EMAIL, PASSWORD, SECRET
from bench.tconnectsync import Tconnectsync
from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import Document, PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.profiles import update_profiles
from custom_components.tconnectsync.nightscout.sync import NightscoutSync, SyncResult
from custom_components.tconnectsync.tandem import Pump
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.tandem.event_types import DateChanged, TimeChanged
from custom_components.tconnectsync.therapy.history import derive
from demo.nightscout import SimulatedNightscout
from demo.tandem import ListedPump, SimulatedTandem
from demo.tandem.certificate import Certificate

from .here import KeptLedger, reading
from .lives import Life

FEATURES = frozenset(Feature)
DAY = timedelta(days=1)


class SyncFailedError(Exception):
    """A program failed."""


@dataclass(slots=True, kw_only=True)
class World:
    """A pump's account at Tandem, and the two programs that read it."""

    life: Life
    certificate: Certificate
    tandem: SimulatedTandem
    listed: ListedPump

    def site(self) -> SimulatedNightscout:
        """Return a new, empty Nightscout."""
        return SimulatedNightscout(api_secret=SECRET, refusal_delay=0)

    def upload(self) -> None:
        """Upload the events that the pump has logged since the last upload."""
        self.listed.upload(
            at=max(self.life.pump.instants),
            hold_back=lambda event: event["sequenceNumber"] in self.life.lost,
        )

    async def sync_there(self, site: SimulatedNightscout) -> None:
        """Let tconnectsync sync all there is into a site."""
        program = Tconnectsync(
            tandem=self.tandem,
            certificate=self.certificate,
            home=self.certificate.authority.parent,
            email=EMAIL,
            password=PASSWORD,
            time_zone=self.life.zone,
            nightscout_url=site.url,
            nightscout_secret=SECRET,
        )
        run = await program.sync(*self.life.days)
        if run.errors or (run.status and not run.found_nothing):
            raise SyncFailedError("\n".join(run.errors or run.lines[-3:]))

    async def wanted_here(self) -> dict[date, list[Document]]:
        """Read everything as this integration does, and return its wanted documents of each pump day."""
        first, last = self.life.days
        raws: list[dict[str, Any]] = []
        clock_changes: list[dict[str, Any]] = []
        async with reading(self.tandem, self.certificate) as client:
            (pump,) = (await client.pumper()).pumps
            async for page in client.pump_logs(pump, first, last):
                raws += page.events
                clock_changes = page.clock_changes
        moves = decode_events(clock_changes).events
        history = derive(
            decode_events(raws).events,
            [move for move in moves if isinstance(move, TimeChanged | DateChanged)],
            self.life.zone,
            pump.last_upload,
        )
        days = range(-1, (last - first).days + 1)
        wanted: dict[date, list[Document]] = {first + DAY * n: [] for n in days}
        for document in documents(history, _identity(pump), FEATURES):
            wanted.setdefault(document.day, []).append(document)
        return wanted

    async def sync_here(
        self, site: SimulatedNightscout, ledger: KeptLedger
    ) -> SyncResult:
        """Let this integration sync all there is into a site."""
        wanted = await self.wanted_here()
        async with aiohttp.ClientSession() as session:
            client = NightscoutClient(session, site.url, SECRET)
            result = await NightscoutSync(client, ledger).sync(wanted, FEATURES, {})
        if result.error or result.pending:
            raise SyncFailedError(str(result))
        return result

    async def push_profiles(self, site: SimulatedNightscout) -> None:
        """Let this integration write the profiles."""
        async with reading(self.tandem, self.certificate) as client:
            (pump,) = (await client.pumper()).pumps
        assert pump.settings is not None
        assert pump.last_upload is not None
        async with aiohttp.ClientSession() as session:
            await update_profiles(
                NightscoutClient(session, site.url, SECRET),
                pump.settings,
                _identity(pump),
                units="mg/dl",
                zone=self.life.zone.key,
                start=pump.last_upload,
            )


def _identity(pump: Pump) -> PumpIdentity:
    return PumpIdentity(serial_number=pump.serial_number, model=pump.model)


@asynccontextmanager
async def world(life: Life, certificate: Certificate) -> AsyncIterator[World]:
    """Serve a pump's account; nothing is uploaded yet."""
    tandem = SimulatedTandem(region=life.region)
    listed = tandem.add_account(EMAIL, PASSWORD).add_pump(life.pump)
    await tandem.start(ssl_context=certificate.for_server())
    try:
        yield World(life=life, certificate=certificate, tandem=tandem, listed=listed)
    finally:
        await tandem.stop()


@asynccontextmanager
async def serving(
    *sites: SimulatedNightscout,
) -> AsyncIterator[Sequence[SimulatedNightscout]]:
    """Let some sites be reachable for a while."""
    for site in sites:
        await site.start()
    try:
        yield sites
    finally:
        for site in sites:
            await site.stop()
