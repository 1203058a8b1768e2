"""A document of either program, as Nightscout stores it, in terms that both share."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import re
from typing import Any, override

from demo.nightscout import SimulatedNightscout

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
APP = "tconnectsync"
DOSE = "extended"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDocument:
    """One document (U, g, mg/dL, U/h, minutes)."""

    here: bool
    """Whether this integration wrote it."""
    type: str
    at: datetime
    numbers: tuple[int, ...]
    """Sequence numbers of the events it names, in its own order."""
    insulin: float
    carbs: float
    glucose: float | None
    rate: float | None
    minutes: float
    words: str
    kind: str
    """The kind in its identifier, empty if there is none."""
    dated_by: int | None
    """The sequence number in its identifier, for those that have one."""

    @property
    def dose(self) -> bool:
        """Whether it is a part of an extended bolus."""
        return self.kind == DOSE

    @property
    def second(self) -> datetime:
        """Its time, without the milliseconds that distinguish two documents."""
        return self.at.replace(microsecond=0)

    @property
    def end(self) -> datetime:
        """The end of its event, to the second."""
        return self.second + timedelta(seconds=round(60 * self.minutes))

    @property
    def amount(self) -> float | None:
        """The first number in its words."""
        found = NUMBER.search(self.words)
        return float(found[0]) if found else None

    @override
    def __str__(self) -> str:
        """Return its program, kind and time in words."""
        who = "here" if self.here else "there"
        numbers = ",".join(map(str, self.numbers))
        return f"{who} {self.type} {self.at:%m-%d %H:%M:%S}Z [{numbers}]"


def written_documents(site: SimulatedNightscout) -> list[WrittenDocument]:
    """Return the treatments and glucose entries of a site, oldest first."""
    return [
        read(document)
        for collection in ("treatments", "entries")
        for document in site.documents(collection)
    ]


def read(document: dict[str, Any]) -> WrittenDocument:
    """Return a document in the terms that both programs share."""
    identifier = str(document.get("identifier", "::::"))
    _, _, kind, name = identifier.split(":")[:4]
    place = re.fullmatch(r"\d+-(\d+)", name)
    minutes = float(document.get("duration") or 0)
    glucose = document.get("sgv", document.get("glucose"))
    return WrittenDocument(
        here=document.get("app") == APP,
        type=str(document.get("eventType") or document.get("type")),
        at=_instant(document),
        numbers=tuple(map(int, str(document["pump_event_id"]).split(","))),
        insulin=float(document.get("insulin") or 0),
        carbs=float(document.get("carbs") or 0),
        glucose=None if glucose is None else float(glucose),
        rate=document.get("absolute"),
        minutes=minutes,
        words=str(document.get("notes") or document.get("reason") or ""),
        kind=kind,
        dated_by=int(place[1]) if place else None,
    )


def _instant(document: dict[str, Any]) -> datetime:
    if "created_at" in document and "date" not in document:
        return datetime.fromisoformat(document["created_at"])
    return EPOCH + timedelta(milliseconds=document["date"])
