"""Let tconnectsync judge the simulated Tandem Source: it must read and sync without error."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
import json
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from demo.nightscout import SimulatedNightscout
from demo.pump import RecordedPump, SimulatedPump
from demo.pump.sensor_families import SensorName
from demo.tandem import SimulatedTandem
from demo.tandem.certificate import Certificate, make_certificate
from demo.tandem.server import RegionName

from .places import ROOT
from .tconnectsync import Tconnectsync

ZONE = ZoneInfo("Europe/Berlin")
EMAIL, PASSWORD, SECRET = (
    "wearer@example.com",
    'pä ss&w%rd"+/?#',
    "a secret of the judge",
)
DAYS = 2
CAPTURED = ROOT / "tests" / "fixtures" / "tandem" / "samples.json"
SETTINGS = CAPTURED.with_name("settings_details.json")


async def judge(
    region: RegionName,
    pump: SimulatedPump | RecordedPump,
    days: tuple[date, date],
    certificate: Certificate,
) -> tuple[SimulatedNightscout, list[str]]:
    """Return a Nightscout into which some days of a pump were synced, and the errors."""
    tandem = SimulatedTandem(region=region)
    nightscout = SimulatedNightscout(api_secret=SECRET)
    tandem.add_account(EMAIL, PASSWORD).add_pump(pump).upload()
    await tandem.start(ssl_context=certificate.for_server())
    await nightscout.start()
    program = Tconnectsync(
        tandem=tandem,
        certificate=certificate,
        home=certificate.authority.parent,
        email=EMAIL,
        password=PASSWORD,
        time_zone=ZONE,
        nightscout_url=nightscout.url,
        nightscout_secret=SECRET,
    )
    runs = {
        "check-login": program.run("--check-login"),
        "pretend": program.sync(*days, "--pretend"),
        "sync": program.sync(*days),
    }
    wrong = []
    for name, running in runs.items():
        run = await running
        wrong += [f"{name}: {line}" for line in run.errors]
        if run.status and not run.found_nothing:
            wrong.append(f"{name}: exit status {run.status}: {run.lines[-1:]}")
    await tandem.stop()
    await nightscout.stop()
    print(f"  {region.upper()}: {written(nightscout)}")
    return nightscout, wrong


def written(nightscout: SimulatedNightscout) -> str:
    """Return the contents of a Nightscout in words."""
    treatments = nightscout.documents("treatments")
    kinds = Counter(treatment["eventType"] for treatment in treatments)
    kinds["reading"] = len(nightscout.documents("entries"))
    kinds["profile"] = len(nightscout.documents("profile"))
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)


async def judge_simulated(
    region: RegionName, sensor: SensorName, seed: int, certificate: Certificate
) -> list[str]:
    """Return the errors in a simulated pump's last days, its sums included."""
    now = datetime.now(UTC).replace(microsecond=0)
    today = now.astimezone(ZONE).date()
    first = today - timedelta(days=DAYS)
    start = datetime.combine(first, time(), ZONE)
    pump = SimulatedPump(start=start, time_zone=ZONE, sensor=sensor, seed=seed)
    pump.run_until(now)
    days = (first, today + timedelta(days=1))
    nightscout, wrong = await judge(region, pump, days, certificate)
    return wrong + compare(pump, nightscout, start)


async def judge_captured(certificate: Certificate) -> list[str]:
    """Return the errors in the events captured from real pumps."""
    capture = json.loads(CAPTURED.read_text(encoding="utf-8"))
    settings = json.loads(SETTINGS.read_text(encoding="utf-8"))
    pump = RecordedPump(serial_number="90556643", settings=settings)
    for group in capture["groups"]:
        pump.record(group["events"], ZONE)
    pump.record(capture["misc"]["events"], ZONE)
    pump.record(capture["misc"]["clockChanges"], ZONE)
    wrong = []
    for month in sorted({instant.strftime("%Y-%m-01") for instant in pump.instants}):
        first = date.fromisoformat(month)
        days = (first, first + timedelta(days=30))
        wrong += (await judge("us", pump, days, certificate))[1]
    return wrong


def compare(
    pump: SimulatedPump, nightscout: SimulatedNightscout, start: datetime
) -> list[str]:
    """Return the differences between insulin and carbs in Nightscout and those of the pump."""
    treatments = nightscout.documents("treatments")
    sums = {
        "bolus U": (
            sum(treatment.get("insulin") or 0 for treatment in treatments),
            pump.bolus_delivered(start, pump.now),
        ),
        "carbs g": (
            sum(treatment.get("carbs") or 0 for treatment in treatments),
            pump.carbs(start, pump.now),
        ),
    }
    return [
        f"{name}: {there:.2f} in Nightscout, {truth:.2f} by the pump"
        for name, (there, truth) in sums.items()
        if abs(there - truth) > 0.1
    ]


async def main() -> int:
    """Judge both regions, all sensors and the captured events; return whether anything is wrong."""
    trials: list[tuple[RegionName, SensorName]] = [
        ("us", "g7"),
        ("eu", "g6"),
        ("eu", "libre2"),
        ("us", "libre3"),
    ]
    with TemporaryDirectory() as folder:
        certificate = make_certificate(Path(folder))
        wrong = []
        for seed, (region, sensor) in enumerate(trials):
            print(f"A simulated pump with {sensor}")
            wrong += await judge_simulated(region, sensor, seed, certificate)
        print("Events captured from real pumps, month by month")
        wrong += await judge_captured(certificate)
    print("\n".join(wrong) or "tconnectsync has nothing to complain about")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
