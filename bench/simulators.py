"""Run the simulated Tandem Source and Nightscout in a process of their own, and count their requests."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import sys
from typing import Any
from urllib.parse import urlsplit

from demo.nightscout import SimulatedNightscout
from demo.pump import SimulatedPump
from demo.tandem import ListedPump, SimulatedTandem
from demo.tandem.certificate import make_certificate

from .child import answer_all
from .person import EMAIL, PASSWORD, SECRET, ZONE

FIRST_SERIAL = 11223344


class Simulators:
    """Both services, with the requested latency, and pumps that have run until now."""

    def __init__(self, folder: Path, *, days: int, pumps: int, latency: float) -> None:
        """Run each pump for some days; latency is in seconds."""
        self._certificate = make_certificate(folder)
        self._latency = latency
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._pumps = [self._lived(days, number) for number in range(pumps)]
        self._listed: list[ListedPump] = []
        self._tandem = SimulatedTandem(region="us", latency=latency)
        self._account = self._tandem.add_account(EMAIL, PASSWORD)
        self._nightscout = SimulatedNightscout(api_secret=SECRET, latency=latency)

    def _lived(self, days: int, number: int) -> SimulatedPump:
        pump = SimulatedPump(
            start=self._now - timedelta(days=days),
            time_zone=ZONE,
            serial_number=str(FIRST_SERIAL + number),
            seed=number,
        )
        pump.run_until(self._now)
        return pump

    async def start(self) -> None:
        """Listen: Tandem with a certificate for its own host names, Nightscout without one."""
        await self._tandem.start(ssl_context=self._certificate.for_server())
        await self._nightscout.start()

    async def about(self) -> dict[str, Any]:
        """Tell where they are."""
        return {
            "authority": str(self._certificate.authority),
            "tandem_port": urlsplit(self._tandem.url).port,
            "nightscout_url": self._nightscout.url,
            "now": self._now.isoformat(),
        }

    async def begin(self, minutes_ago: float = 0, pumps: int = 1) -> None:
        """Empty Nightscout, and show the events that some pumps had uploaded some minutes ago."""
        url = urlsplit(self._nightscout.url)
        await self._nightscout.stop()
        self._nightscout = SimulatedNightscout(api_secret=SECRET, latency=self._latency)
        await self._nightscout.start(port=url.port or 0)
        self._account.pumps.clear()
        self._listed = [self._account.add_pump(pump) for pump in self._pumps[:pumps]]
        await self.upload(minutes_ago)

    async def upload(self, minutes_ago: float) -> None:
        """Show the events that the pumps had uploaded some minutes before their end."""
        until = self._now - timedelta(minutes=minutes_ago)
        for listed in self._listed:
            listed.upload(until, at=until)

    async def write_events(self, path: str, days: int) -> None:
        """Write the first pump's log of the last days to a file, in wire format."""
        first = (self._now - timedelta(days=days)).astimezone(ZONE).isoformat()
        events = [
            event for event in self._pumps[0].events if event["pumpDateTime"] >= first
        ]
        Path(path).write_text(json.dumps(events))

    async def count(self) -> dict[str, int]:
        """Return the requests since the last call; bytes are those of bodies."""
        tandem, nightscout = self._tandem.requests, self._nightscout.requests
        counted = {
            "tandem": len(tandem),
            "nightscout": len(nightscout),
            "bytes": sum(seen.body_size for seen in tandem)
            + sum(seen.body_size for seen in nightscout),
        }
        tandem.clear()
        nightscout.clear()
        return counted

    async def held(self) -> dict[str, Any]:
        """Return the contents of Nightscout."""
        treatments = self._nightscout.documents("treatments")
        return {
            "treatments": len(treatments),
            "kinds": Counter(one["eventType"] for one in treatments),
            "bolus": round(sum(one.get("insulin") or 0 for one in treatments), 2),
            "carbs": sum(one.get("carbs") or 0 for one in treatments),
        }


async def serve(folder: str, days: str, pumps: str, latency: str) -> None:
    """Serve until standard input ends."""
    simulators = Simulators(
        Path(folder), days=int(days), pumps=int(pumps), latency=float(latency)
    )
    await simulators.start()
    await answer_all(
        {
            "about": simulators.about,
            "begin": simulators.begin,
            "upload": simulators.upload,
            "count": simulators.count,
            "write_events": simulators.write_events,
            "held": simulators.held,
        }
    )


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
