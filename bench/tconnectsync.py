"""Run tconnectsync from PyPI, unmodified, against the simulators."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
import os
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from demo.tandem import SimulatedTandem
from demo.tandem.certificate import Certificate

from .places import PEER, TANDEM_HOSTS

FEATURES = (
    "BASAL",
    "BOLUS",
    "PUMP_EVENTS",
    "PUMP_EVENTS_BASAL_SUSPENSION",
    "PROFILES",
    "CGM",
    "CGM_ALERTS",
    "DEVICE_STATUS",
)
ERRORS = ("ERROR", "Traceback", "CRITICAL", "Exception")
NOT_IN_ITS_TABLE = (
    "Invalid alarmIdRaw",
    "AlarmidEnum",
    "Invalid dalertIdRaw",
    "DalertidEnum",
)
"""Of alarms and CGM alerts that it has no name for, 31 of a captured one among them, it says this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a run of tconnectsync ended."""

    status: int
    lines: list[str] = field(repr=False)

    @property
    def found_nothing(self) -> bool:
        """Whether it ended with status 1 only because nothing it syncs was there."""
        return self.status == 1 and "Processed 0 events" in self.lines[-1]

    @property
    def errors(self) -> list[str]:
        """Lines that speak of errors, but for numbers missing in the program's own table."""
        return [
            line
            for line in self.lines
            if any(word in line for word in ERRORS)
            and not any(word in line for word in NOT_IN_ITS_TABLE)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tconnectsync:
    """The program with its settings; it speaks to Tandem's own host names."""

    tandem: SimulatedTandem
    certificate: Certificate
    home: Path
    email: str
    password: str
    time_zone: ZoneInfo
    nightscout_url: str
    nightscout_secret: str

    async def run(self, *options: str) -> Run:
        """Run it with options and return its output."""
        process = await asyncio.create_subprocess_exec(
            PEER,
            *options,
            env=environment(
                home=self.home,
                authority=self.certificate.authority,
                tandem_port=urlsplit(self.tandem.url).port or 0,
                email=self.email,
                password=self.password,
                region=self.tandem.region_name,
                time_zone=self.time_zone,
                nightscout_url=self.nightscout_url,
                nightscout_secret=self.nightscout_secret,
            ),
            cwd=self.home,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return Run(status=process.returncode or 0, lines=output.decode().splitlines())

    async def sync(
        self,
        first: date,
        last: date,
        *options: str,
        features: tuple[str, ...] = FEATURES,
    ) -> Run:
        """Read some days and write them to Nightscout."""
        dates = ("--start-date", first.isoformat(), "--end-date", last.isoformat())
        return await self.run(*dates, *options, "--features", *features)


def environment(
    *,
    home: Path,
    authority: Path | str,
    tandem_port: int,
    email: str,
    password: str,
    region: str,
    time_zone: ZoneInfo,
    nightscout_url: str,
    nightscout_secret: str,
) -> dict[str, str]:
    """Return the settings of the program; Tandem's host names lead to a port of this machine."""
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "PYTHONPATH": str(TANDEM_HOSTS),
        "SIMULATED_TANDEM_PORT": str(tandem_port),
        "REQUESTS_CA_BUNDLE": str(authority),
        "TCONNECT_EMAIL": email,
        "TCONNECT_PASSWORD": password,
        "TCONNECT_REGION": region.upper(),
        "TIMEZONE_NAME": time_zone.key,
        "NS_URL": f"{nightscout_url}/",
        "NS_SECRET": nightscout_secret,
        "CACHE_CREDENTIALS": "false",
    }
