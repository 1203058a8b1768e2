"""A simulated Nightscout with a client, and a ledger that survives crashes."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
import json
from typing import Any

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.ledger import DayLedger
from custom_components.tconnectsync.nightscout.ledger_json import (
    ledger_from_json,
    ledger_to_json,
)
from custom_components.tconnectsync.nightscout.sync import NightscoutSync, SyncResult
from demo.nightscout import SimulatedNightscout
from demo.nightscout.faults import Fault

SECRET = "a secret of the tests"
EVERYTHING = frozenset(Feature)


class Crash(Exception):
    """The process crashes here."""


@dataclass
class KeptLedger:
    """Ledger days as on disk; a crash can be scheduled before or after a save."""

    texts: dict[date, str] = field(default_factory=dict)
    saves: int = 0
    crash_before: int | None = None
    crash_after: int | None = None

    async def load(self, day: date) -> DayLedger | None:
        """Return a day as last saved."""
        text = self.texts.get(day)
        return None if text is None else ledger_from_json(json.loads(text))

    async def save(self, day: date, ledger: DayLedger) -> None:
        """Store a day."""
        self.saves += 1
        if self.saves == self.crash_before:
            raise Crash
        self.texts[day] = json.dumps(ledger_to_json(ledger))
        if self.saves == self.crash_after:
            raise Crash


@dataclass
class Writer:
    """A site to which this integration writes."""

    server: SimulatedNightscout
    client: NightscoutClient
    files: KeptLedger = field(default_factory=KeptLedger)
    sync: NightscoutSync = field(init=False)

    def __post_init__(self) -> None:
        """Start the process."""
        self.restart()

    def restart(self) -> None:
        """Forget everything that is not on disk."""
        self.files.crash_before = self.files.crash_after = None
        self.sync = NightscoutSync(self.client, self.files)

    async def hold(
        self,
        documents: Iterable[Document],
        *,
        days: Sequence[date] = (),
        features: Iterable[Feature] = EVERYTHING,
        starts: Mapping[Feature, date] | None = None,
        pumps: Collection[str] | None = None,
        resend: bool = False,
    ) -> SyncResult:
        """Sync so that the site has exactly these documents on their days, and on other named days."""
        return await self.sync.sync(
            by_day(documents, days),
            frozenset(features),
            starts or {},
            pumps=pumps,
            resend=resend,
        )

    def held(self) -> list[dict[str, Any]]:
        """Return this integration's documents on the site."""
        return [
            document
            for collection in ("treatments", "entries", "devicestatus")
            for document in self.server.documents(collection)
            if document.get("app") == "tconnectsync"
        ]

    def names(self) -> list[str]:
        """Return the identifiers on the site, sorted, with duplicates."""
        return sorted(document["identifier"] for document in self.held())

    def id_of(self, document: Document) -> str:
        """Return the `_id` of the oldest document with a document's name on the site."""
        held = (one for one in self.held() if one["identifier"] == document.identifier)
        return str(next(held)["_id"])

    def is_right(self, wanted: Iterable[Document], but: Collection[str] = ()) -> bool:
        """Return whether the site has exactly the wanted documents, each once and in the right place.

        Documents with other names that are passed in do not matter.
        """
        held = (one for one in self.held() if one["identifier"] not in but)
        return sorted(map(_as_held, held)) == sorted(
            (one.identifier, one.created_at, one.hash) for one in wanted
        )

    async def carry_out(self, fault: Fault) -> None:
        """Carry out the delayed request of a fault now."""
        assert fault.late
        before = len(self.server.requests)
        fault.late.set()
        while len(self.server.requests) == before:
            await asyncio.sleep(0)


def by_day(
    documents: Iterable[Document], days: Sequence[date] = ()
) -> dict[date, list[Document]]:
    """Return documents by their pump day."""
    wanted: dict[date, list[Document]] = {day: [] for day in days}
    for document in documents:
        wanted.setdefault(document.day, []).append(document)
    return wanted


def _as_held(document: Mapping[str, Any]) -> tuple[str, datetime, str]:
    """Return the name, instant and hash of a document on a site."""
    at = document.get("created_at") or document["dateString"]
    return (
        document["identifier"],
        datetime.fromisoformat(at),
        document["tconnectsync_hash"],
    )
