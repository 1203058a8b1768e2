"""What one account keeps on disk: the pump's events, what was sent, and where reading stands."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, TypedDict, cast

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, KEPT_DAYS
from .files import (
    DayFiles,
    PrivateFile,
    can_be_written,
    remove_folder,
    remove_unfinished,
)
from .nightscout.ledger import DamagedLedger, DayLedger
from .tandem import Token
from .tandem.decode import decode_events, read_header
from .tandem.events import EventKey, PumpEvent, RawEvent

HANDED_OVER: HassKey[dict[str, Token]] = HassKey(f"{DOMAIN}_tokens")
ONE_DAY = timedelta(days=1)
PADDING = ("spare", "reserved")
FOLDER_DIGITS = 16
WHERE_READING_STANDS: tuple[Literal["read", "read_from", "swept"], ...] = (
    "read",
    "read_from",
    "swept",
)
"""Notes that are true only while every day is held."""

type Row = list[Any]


class PumpNotes(TypedDict, total=False):
    """Where the reading of one pump stands; instants are ISO texts in UTC."""

    read: list[str | None]
    """What the pumper answer said when the log was last read completely."""
    read_from: str
    """Pump day from which everything was read; records of later days are whole."""
    reading_from: str
    """The same as soon as the reading that has begun is through; nothing is whole until then."""
    last_upload: str
    """The greatest seen."""
    swept: str
    """When the last four weeks were last read."""
    clock_changes: list[Row]


class Notes(TypedDict, total=False):
    """What an account remembers besides the events."""

    token: dict[str, str]
    pumper: dict[str, Any]
    pumps: dict[str, PumpNotes]
    worn: list[str]
    """Serial numbers of the pumps that were ever in use."""
    replaced: bool
    """Whether the person is still to be told that another pump took over."""
    told: dict[str, str]
    """What was told as news, and when it happened."""
    starts: dict[str, dict[str, str]]
    """First pump day of each feature, by Nightscout address."""
    forwarded: Forwarded
    behind: str | None
    """The oldest pump day compared that Nightscout may not have all of."""
    profiles: dict[str, ProfileNotes]
    """By Nightscout address."""
    owed_from: str
    """Pump day from which everything is owed up to the days that are kept."""


class ProfileNotes(TypedDict, total=False):
    """Which settings a site has the profiles of."""

    seen: str
    """The settings as an upload last showed them."""
    since: str
    """The first upload that showed them."""
    sent: str


class Forwarded(TypedDict, total=False):
    """What Nightscout was given so far."""

    last_sync: str | None
    sent: int


class PumpStore:
    """The events of one pump: raw on disk, typed in memory; its methods block."""

    def __init__(self, folder: Path) -> None:
        """Keep the events in a folder."""
        self._files = DayFiles(folder)
        self._days: dict[date, list[PumpEvent]] = {}
        self.unreadable = 0
        """How often an event came that has no readable code, place or time, or fits no file, since the start."""
        self.damaged = False
        """Whether a day was lost and has to be read again."""

    @property
    def days(self) -> list[date]:
        """Pump days held, oldest first."""
        return sorted(self._days)

    @property
    def newest_day(self) -> date | None:
        """The pump day of the last event in the log."""
        newest = max(
            (event for events in self._days.values() for event in events),
            key=lambda event: event.key,
            default=None,
        )
        return newest.pump_time.date() if newest else None

    def events(self) -> list[PumpEvent]:
        """Return every event held."""
        return [event for day in self.days for event in self._days.get(day, ())]

    def raws(self, day: date) -> list[RawEvent]:
        """Return the events of a day in wire shape."""
        return [raw_event(row) for row in self._files.of(day).read() or ()]

    def load(self) -> None:
        """Read every day from disk."""
        for day in self._files.days():
            events = self._events_of(day)
            if events is None:
                self.damaged = True
            else:
                self._days[day] = events

    def _events_of(self, day: date) -> list[PumpEvent] | None:
        file = self._files.of(day)
        kept = file.read()
        if kept is None:
            return None
        try:
            return decode_events([raw_event(row) for row in kept]).events
        except TypeError, ValueError:
            file.move_aside()
            return None

    def add(self, raws: Iterable[RawEvent]) -> set[date]:
        """Keep what is new and return the days it belongs to; nothing is ever taken away."""
        found: dict[date, dict[EventKey, RawEvent]] = {}
        for raw in raws:
            header = read_header(raw)
            if header is None or not can_be_written(row(raw)):
                self.unreadable += 1
                continue
            of_day = found.setdefault(header["pump_time"].date(), {})
            of_day.setdefault((header["group"], header["number"]), raw)
        changed = set()
        for day, by_key in found.items():
            held = {event.key for event in self._days.get(day, ())}
            if new := [raw for key, raw in by_key.items() if key not in held]:
                file = self._files.of(day)
                kept = file.read()
                self.damaged |= bool(held) and kept is None
                file.write([*(kept or ()), *map(row, new)])
                self._days.setdefault(day, []).extend(decode_events(new).events)
                changed.add(day)
        return changed

    def oldest_to_keep(self, today: date) -> date:
        """Return the first of the last weeks up to the newest day; a clock that ran ahead does not count."""
        newest = max(
            (day for day in self._days if day <= today + ONE_DAY), default=today
        )
        return newest - ONE_DAY * (KEPT_DAYS - 1)

    def prune(self, oldest: date) -> None:
        """Forget the days before the oldest to keep."""
        for day in [day for day in self._days if day < oldest]:
            del self._days[day]
            self._files.of(day).remove()


class LedgerOnDisk:
    """What one Nightscout address was given, a file per pump day."""

    def __init__(self, store: AccountStore, files: DayFiles) -> None:
        """Keep it in these files."""
        self._store = store
        self._files = files

    async def load(self, day: date) -> DayLedger | None:
        """Return what is kept of a day, None when nothing readable is."""
        file = self._files.of(day)
        kept = await self._store.run(file.read)
        if kept is None:
            return None
        try:
            return DayLedger.from_json(kept)
        except DamagedLedger:
            await self._store.run(file.move_aside)
            return None

    async def save(self, day: date, ledger: DayLedger) -> None:
        """Keep a day in place of what was kept of it."""
        await self._store.run(self._files.of(day).write, ledger.to_json())

    async def prune(self, oldest: date) -> None:
        """Forget the days before the oldest that is still compared."""
        await self._store.run(self._prune, oldest)

    def _prune(self, oldest: date) -> None:
        for day in self._files.days():
            if day < oldest:
                self._files.of(day).remove()


class AccountStore:
    """Everything one entry keeps, in a private folder of its own."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Use the entry's folder."""
        self._hass = hass
        self._folder = _folder(hass, entry_id)
        self._notes_file = PrivateFile(self._folder / "account.json")
        self._saving = asyncio.Lock()
        self._work: set[asyncio.Future[Any]] = set()
        self.notes: Notes = {}
        self.pumps: dict[str, PumpStore] = {}

    async def async_load(self) -> None:
        """Read everything from disk."""
        self.notes = await self.run(self._load)

    async def async_save_notes(self) -> None:
        """Write the notes."""
        async with self._saving:
            await self.run(self._notes_file.write, self.notes)

    async def async_close(self) -> None:
        """Wait for what is still being written."""
        if self._work:
            await asyncio.wait(self._work)

    async def run[*Ts, T](self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """Run blocking work on the files outside the event loop, to its end even if nobody waits for it."""
        running = self._hass.async_add_executor_job(work, *arguments)
        self._work.add(running)
        running.add_done_callback(self._work.discard)
        return await asyncio.shield(running)

    def pump(self, serial_number: str) -> PumpStore:
        """Return the store of a pump, a new one for a new pump."""
        return self.pumps.setdefault(
            serial_number, PumpStore(self._folder / "events" / _name(serial_number))
        )

    def pump_notes(self, serial_number: str) -> PumpNotes:
        """Return the notes on a pump, to be changed in place."""
        return self.notes.setdefault("pumps", {}).setdefault(serial_number, {})

    def last_upload(self, serial_number: str) -> datetime | None:
        """Return the greatest time of upload seen of a pump (UTC)."""
        told = self.pump_notes(serial_number).get("last_upload")
        return datetime.fromisoformat(told) if told else None

    def owe(self, day: date) -> None:
        """Note that everything from a pump day on is owed, up to the days that are kept."""
        first = day.isoformat()
        self.notes["owed_from"] = min(self.notes.get("owed_from", first), first)

    def ledger(self, address: str) -> LedgerOnDisk:
        """Return the ledger of a Nightscout address."""
        return LedgerOnDisk(self, DayFiles(self._folder / "ledger" / address))

    def _load(self) -> Notes:
        """Read everything; events of a pump that no note names are read again from Tandem."""
        remove_unfinished(self._folder)
        notes: Notes = {}
        kept = self._notes_file.read()
        if isinstance(kept, dict):
            notes = cast(Notes, kept)
        for serial_number, of_pump in notes.get("pumps", {}).items():
            pump = self.pump(serial_number)
            pump.load()
            if pump.damaged:
                for mark in WHERE_READING_STANDS:
                    of_pump.pop(mark, None)
                self._notes_file.write(notes)
        events = self._folder / "events"
        known = {_name(serial_number) for serial_number in self.pumps}
        for folder in events.iterdir() if events.is_dir() else ():
            if folder.name not in known:
                remove_folder(folder)
        return notes


@callback
def hand_over_token(hass: HomeAssistant, token: Token) -> None:
    """Let the set-up of an account go on with the sign-in of its flow."""
    hass.data.setdefault(HANDED_OVER, {})[token.account_id] = token


@callback
def handed_over_token(hass: HomeAssistant, account_id: str | None) -> Token | None:
    """Return the token of a flow that has just ended, once."""
    return hass.data.get(HANDED_OVER, {}).pop(account_id or "", None)


async def async_remove_store(hass: HomeAssistant, entry_id: str) -> None:
    """Remove everything an entry kept."""
    await hass.async_add_executor_job(remove_folder, _folder(hass, entry_id))


def row(raw: RawEvent) -> Row:
    """Return an event as a compact row, without its padding."""
    properties = raw.get("eventProperties")
    if isinstance(properties, dict):
        properties = {
            key: value
            for key, value in properties.items()
            if not key.startswith(PADDING)
        }
    return [
        raw["eventCode"],
        raw["sequenceGroup"],
        raw["sequenceNumber"],
        raw["pumpDateTime"],
        properties,
    ]


def raw_event(kept: Row) -> RawEvent:
    """Return the event of a row in wire shape."""
    code, group, number, pump_time, properties = kept
    return {
        "eventCode": code,
        "sequenceGroup": group,
        "sequenceNumber": number,
        "pumpDateTime": pump_time,
        "eventProperties": properties,
    }


def _name(serial_number: str) -> str:
    """Return what a pump's folder is called: logs tell paths, and must not tell serial numbers."""
    return sha256(serial_number.encode()).hexdigest()[:FOLDER_DIGITS]


def _folder(hass: HomeAssistant, entry_id: str) -> Path:
    return Path(hass.config.path(STORAGE_DIR, DOMAIN, entry_id))
