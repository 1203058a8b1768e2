"""Measure pieces of work of both programs on the same histories."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
import json
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
from typing import Any

from custom_components.tconnectsync.tandem import rate_limit

from .child import Child
from .peer import Peer, polling
from .places import ROOT, TANDEM_HOSTS

type Measured = dict[str, Any]

ONE_DAY = timedelta(days=1)
KEPT_DAYS = 40
"""Days that are left out before the backfilled ones: days that Home Assistant has stored are not read again."""
HOUR_AGO = 60
CONNECTION_SECONDS = 16
"""After this many seconds without a request Home Assistant opens a new connection, as it does every five minutes."""
REST_SECONDS = rate_limit.PAGES_AT_ONCE * rate_limit.REST_SECONDS
"""After this long without a request no page of four weeks waits."""
UPLOADS_A_DAY = 24
MINUTES_BETWEEN = 60
POLLS = 3
BUILDINGS = 3
SWITCHED_ON = ("BASAL", "BOLUS", "PUMP_EVENTS")
FEATURES = {
    "what is on by itself": SWITCHED_ON,
    "everything": (*SWITCHED_ON, "CGM", "CGM_ALERTS", "DEVICE_STATUS"),
}
EVERY_FEATURE = [name.lower() for name in (*FEATURES["everything"], "PROFILES")]


class Bench:
    """The simulators, and both programs where they are needed."""

    def __init__(self, folder: Path, *, days: int, pumps: int, latency: float) -> None:
        """Run pumps for some days; latency is in seconds."""
        self._folder = folder
        self._simulators = Child(
            "bench.simulators", str(folder), str(days), str(pumps), str(latency)
        )
        self._about = self._simulators.ask("about")

    def stop(self) -> None:
        """Stop the simulators."""
        self._simulators.stop()

    @property
    def today(self) -> date:
        """The pumps' last day."""
        return datetime.fromisoformat(self._about["now"]).date()

    @property
    def peer(self) -> Peer:
        """The other program."""
        return Peer(
            home=self._folder,
            authority=self._about["authority"],
            tandem_port=self._about["tandem_port"],
            nightscout_url=self._about["nightscout_url"],
        )

    @contextmanager
    def harness(self, *options: str) -> Iterator[Child]:
        """Run a separate Home Assistant in a new folder."""
        environment = {
            "REQUESTS_CA_BUNDLE": self._about["authority"],
            "PYTHONPATH": f"{ROOT}:{TANDEM_HOSTS}",
            "SIMULATED_TANDEM_PORT": str(self._about["tandem_port"]),
        }
        with TemporaryDirectory(dir=self._folder) as folder:
            harness = Child("bench.harness", folder, *options, environment=environment)
            try:
                yield harness
            finally:
                harness.stop()

    def begin(self, minutes_ago: float = HOUR_AGO, pumps: int = 1) -> None:
        """Empty Nightscout, and let the pumps have uploaded some minutes ago."""
        self._simulators.ask("begin", minutes_ago=minutes_ago, pumps=pumps)
        self._simulators.ask("count")

    def upload(self, minutes_ago: float = 0) -> None:
        """Upload the events that the pumps logged up to some minutes ago."""
        self._simulators.ask("upload", minutes_ago=minutes_ago)

    def counted(self, measured: Measured) -> Measured:
        """Add the requests to the simulators since the last call."""
        counts: Measured = self._simulators.ask("count")
        return measured | counts

    def write_events(self, days: int) -> Path:
        """Write the first pump's log of the last days to a file."""
        path = self._folder / "events.json"
        self._simulators.ask("write_events", path=str(path), days=days)
        return path

    def held(self) -> Measured:
        """Return the contents of Nightscout."""
        held: Measured = self._simulators.ask("held")
        return held

    def set_up(self, harness: Child, first_days: int, **options: Any) -> Measured:
        """Set the account up, with its first sync."""
        url = self._about["nightscout_url"]
        return self.counted(
            harness.ask("set_up", nightscout_url=url, first_days=first_days, **options)
        )

    def span(self, days: int, before: int = KEPT_DAYS) -> tuple[date, date]:
        """Return the first and last day of a span of some days that ended some days ago."""
        last = self.today - ONE_DAY * (before + 1)
        return last - ONE_DAY * (days - 1), last

    def fill_in(
        self, harness: Child, span: tuple[date, date], *, pretend: bool = False
    ) -> Measured:
        """Have days of the past filled in, or only looked at."""
        what = "preview" if pretend else "backfill"
        first, last = (day.isoformat() for day in span)
        return self.counted(harness.ask(what, first=first, last=last))


def integration(bench: Bench) -> dict[str, Measured]:
    """Measure the integration in a separate Home Assistant."""
    found: dict[str, Measured] = {}
    with bench.harness() as harness:
        bench.begin()
        found["first sync, 7 days"] = bench.set_up(harness, 7) | bench.held()
        found["28 days, nothing written"] = bench.fill_in(
            harness, bench.span(28), pretend=True
        )
        harness.ask("idle", seconds=REST_SECONDS)
        found["backfill, 28 days"] = (
            bench.fill_in(harness, bench.span(28)) | bench.held()
        )
    return found | a_user(bench)


def a_user(bench: Bench, polls: int = POLLS) -> dict[str, Measured]:
    """Measure the times that a person waits for who sets up the account and looks at it."""
    found: dict[str, Measured] = {}
    with bench.harness() as harness:
        bench.begin()
        found["first sync, 1 day"] = bench.set_up(harness, 1) | bench.held()
        harness.ask("sweep")
        harness.ask("poll")
        idle = []
        for _ in range(polls):
            found["nothing at all, 16 s"] = harness.ask(
                "idle", seconds=CONNECTION_SECONDS
            )
            bench.counted({})
            idle.append(bench.counted(harness.ask("poll")))
        found["poll, nothing new"] = min(idle, key=lambda one: one["processor"])
        bench.upload()
        found["poll, one hour new"] = bench.counted(harness.ask("poll"))
        found["opening the card"] = harness.ask("open_card")
    return found


def peer(bench: Bench, *, long: bool) -> dict[str, Measured]:
    """Measure tconnectsync; parts that take minutes only if asked for."""
    program, today = bench.peer, bench.today
    found: dict[str, Measured] = {}
    bench.begin()
    measured = program.sync(today - ONE_DAY * 7, today)
    found["first sync, 7 days"] = bench.counted(measured) | bench.held()
    found |= a_user_of_the_peer(bench)
    nothing = bench.span(1, 3000)
    bench.counted({})
    start = bench.counted(program.sync(*nothing, "--pretend"))
    pretended = bench.counted(program.sync(*bench.span(28), "--pretend"))
    found["start, nothing to do"] = start
    found["28 days, nothing written"] = pretended | {
        key: pretended[key] - start[key] for key in ("wall", "processor")
    }
    if long:
        bench.begin()
        measured = program.sync(*bench.span(28))
        found["backfill, 28 days"] = bench.counted(measured) | bench.held()
    return found


def a_user_of_the_peer(bench: Bench) -> dict[str, Measured]:
    """Measure the times that a person waits for who starts with tconnectsync."""
    program, today = bench.peer, bench.today
    bench.begin()
    measured = program.sync(today - ONE_DAY, today)
    found = {"first sync, 1 day": bench.counted(measured) | bench.held()}
    with polling(program) as polls:
        bench.counted({})
        found["poll, nothing new"] = bench.counted(polls.poll())
        bench.upload()
        found["poll, one hour new"] = bench.counted(polls.poll())
    return found


def peer_as_far(bench: Bench, days: int, seconds: float) -> Measured:
    """Have tconnectsync fill in many days, and cut it off."""
    bench.begin()
    measured = bench.peer.sync(*bench.span(days), seconds=seconds)
    return bench.counted(measured) | bench.held()


def building(bench: Bench) -> dict[str, dict[str, list[Measured]]]:
    """Measure decoding 28 days and building their documents, each program in a separate process."""
    events = bench.write_events(28)
    ours = [sys.executable, "-m", "bench.building", str(events)]
    found: dict[str, dict[str, list[Measured]]] = {}
    for name, features in FEATURES.items():
        of_both = found[name] = {"ours": [], "theirs": []}
        for _ in range(BUILDINGS):
            of_both["theirs"].append(bench.peer.build(events, features))
            output = subprocess.check_output([*ours, *features], cwd=ROOT)
            of_both["ours"].append(json.loads(output))
    return found


def by_days(bench: Bench, spans: tuple[int, ...]) -> dict[int, Measured]:
    """Measure backfills of ever more days, each of days that no other one touched."""
    found = {}
    before = KEPT_DAYS
    with bench.harness() as harness:
        bench.begin()
        bench.set_up(harness, 1)
        for days in spans:
            harness.ask("idle", seconds=REST_SECONDS)
            found[days] = bench.fill_in(harness, bench.span(days, before))
            before += days + 2
    return found


def by_held_days(
    bench: Bench, spans: tuple[int, ...]
) -> dict[int, dict[str, Measured]]:
    """Measure polls with more and more stored days."""
    found = {}
    for days in spans:
        with bench.harness() as harness:
            bench.begin()
            bench.set_up(harness, days)
            harness.ask("poll")
            nothing = harness.ask("poll")
            bench.upload()
            found[days] = {"nothing": nothing, "hour": harness.ask("poll")}
    return found


def by_pumps(bench: Bench, numbers: tuple[int, ...]) -> dict[int, Measured]:
    """Measure the first sync of a week with ever more pumps in the account."""
    found = {}
    for pumps in numbers:
        with bench.harness() as harness:
            bench.begin(pumps=pumps)
            found[pumps] = bench.set_up(harness, 7)
    return found


def a_day(bench: Bench) -> Measured:
    """Measure the disk and database that a day of uploads takes, and the memory that four weeks take.

    Every feature is on.
    """
    with bench.harness() as harness:
        before = harness.ask("rest")["resident"]
        bench.begin(UPLOADS_A_DAY * MINUTES_BETWEEN)
        bench.set_up(harness, 1, stale_after=3 * 1440, features=EVERY_FEATURE)
        first_sweep = harness.ask("sweep")
        harness.ask("poll")
        resident = harness.ask("rest")["resident"] - before
        rows, entities = harness.ask("rows"), harness.ask("entities")
        uploads = []
        for upload in range(1, UPLOADS_A_DAY + 1):
            bench.upload((UPLOADS_A_DAY - upload) * MINUTES_BETWEEN)
            uploads.append(harness.ask("poll"))
        sweep = harness.ask("sweep")
        after = harness.ask("rows")
        return {
            "resident": resident,
            "resident after": harness.ask("rest")["resident"] - before,
            "first sweep": first_sweep,
            "uploads": uploads,
            "sweep": sweep,
            "rows": {table: after[table] - rows[table] for table in rows},
            "entities": entities,
        }


def traced(bench: Bench) -> Counter[str]:
    """Measure by Python's own count the memory of an account with four weeks stored, all features enabled.

    In bytes, by whose it is.
    """
    with bench.harness("--trace") as harness:
        before = Counter(harness.ask("rest")["held"])
        bench.begin()
        bench.set_up(harness, 1, features=EVERY_FEATURE)
        harness.ask("sweep")
        harness.ask("poll")
        held = Counter(harness.ask("rest")["held"])
    held.subtract(before)
    return held
