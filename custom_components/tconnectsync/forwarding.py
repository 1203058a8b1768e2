"""Keeps one Nightscout site in step with what the pumps told."""

from collections import defaultdict
from collections.abc import Collection as AnyOf, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from .const import (
    CONF_FEATURES,
    CONF_FIRST_DAYS,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
    DEFAULT_FIRST_DAYS,
    KEPT_DAYS,
    LOGGER,
)
from .nightscout.address import normalized
from .nightscout.client import NightscoutClient
from .nightscout.comparison import Plan
from .nightscout.document import Document, PumpIdentity
from .nightscout.documents import documents
from .nightscout.errors import NightscoutError, NightscoutRefused
from .nightscout.features import DEFAULT_FEATURES, Feature
from .nightscout.sync import NightscoutSync, SyncResult
from .store import AccountStore, LedgerOnDisk
from .therapy.history import History

ONE_DAY = timedelta(days=1)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)
ADDRESS_DIGITS = 16

type Wanted = dict[date, list[Document]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingStatus:
    """How forwarding stands; connected is None before the first contact."""

    connected: bool | None = None
    last_sync: datetime | None = None
    sent: int = 0
    """Documents created, replaced and removed, ever."""
    pending: int = 0
    trouble: NightscoutError | None = None


def create_forwarding(
    hass: HomeAssistant, entry: ConfigEntry, store: AccountStore, today: date
) -> Forwarding | None:
    """Return the forwarding to the entry's site, None where none was given."""
    url = entry.data.get(CONF_NIGHTSCOUT_URL)
    if not url:
        return None
    client = NightscoutClient(
        async_get_clientsession(hass),
        url,
        entry.data[CONF_NIGHTSCOUT_SECRET],
        verify_tls=entry.data.get(CONF_VERIFY_SSL, True),
    )
    address = sha256(normalized(url).encode()).hexdigest()[:ADDRESS_DIGITS]
    features = [
        Feature(feature)
        for feature in entry.options.get(CONF_FEATURES, DEFAULT_FEATURES)
    ]
    first_days = entry.data.get(CONF_FIRST_DAYS, DEFAULT_FIRST_DAYS)
    kept = store.notes.setdefault("starts", {})
    starts = _starts(kept.get(address), features, today, ONE_DAY * first_days)
    kept[address] = {feature: day.isoformat() for feature, day in starts.items()}
    ledger = store.ledger(address)
    return Forwarding(
        NightscoutSync(client, ledger), ledger, store, features, kept[address]
    )


def _starts(
    kept: Mapping[str, str] | None,
    features: Sequence[Feature],
    today: date,
    first_days: timedelta,
) -> dict[Feature, date]:
    """Return each feature's first pump day: the address's own, or the day it was switched on."""
    if kept is None:
        return dict.fromkeys(features, today - first_days)
    return {
        feature: date.fromisoformat(kept[feature]) if feature in kept else today
        for feature in features
    }


def _documents(
    histories: Mapping[str, History],
    models: Mapping[str, str],
    features: AnyOf[Feature],
    starts: Mapping[Feature, date],
) -> Iterator[Document]:
    for serial_number, history in histories.items():
        pump = PumpIdentity(
            serial_number=serial_number, model=models.get(serial_number, "")
        )
        yield from documents(history, pump, features, starts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some pump days that are brought in step by themselves."""

    first: date
    last: date
    features: tuple[Feature, ...]
    resend: bool = False

    @property
    def days(self) -> list[date]:
        """Every pump day of it."""
        return [
            self.first + ONE_DAY * n for n in range((self.last - self.first).days + 1)
        ]

    @property
    def starts(self) -> dict[Feature, date]:
        """The first day for each of its features."""
        return dict.fromkeys(self.features, self.first)


class Forwarding:
    """Compares what Nightscout is to hold with what it was given, and sends the difference."""

    def __init__(
        self,
        sync: NightscoutSync,
        ledger: LedgerOnDisk,
        store: AccountStore,
        features: Sequence[Feature],
        kept_starts: dict[str, str],
    ) -> None:
        """Send these features, each from the first pump day that the account's notes keep."""
        self.features = features
        self.sync = sync
        self._ledger = ledger
        self._store = store
        self._kept_starts = kept_starts
        self._settled: dict[date, int] = {}
        self._pause = FIRST_PAUSE
        self._retry_at: datetime | None = None
        kept = store.notes.get("forwarded", {})
        last_sync = kept.get("last_sync")
        self.status = ForwardingStatus(
            last_sync=datetime.fromisoformat(last_sync) if last_sync else None,
            sent=kept.get("sent", 0),
        )

    @property
    def starts(self) -> dict[Feature, date]:
        """The first pump day of each feature."""
        return {
            Feature(feature): date.fromisoformat(day)
            for feature, day in self._kept_starts.items()
        }

    @property
    def is_due(self) -> bool:
        """Tell whether it is time to try again after trouble."""
        return self._retry_at is not None and dt_util.utcnow() >= self._retry_at

    async def push(
        self,
        histories: Mapping[str, History],
        models: Mapping[str, str],
        whole_after: date,
    ) -> None:
        """Bring every day whose records are whole in step; trouble is told in the status."""
        wanted = await self._store.run(self._wanted, histories, models, whole_after)
        prints = {
            day: hash(
                tuple((document.identifier, document.hash) for document in of_day)
            )
            for day, of_day in wanted.items()
        }
        changed = {
            day: of_day
            for day, of_day in wanted.items()
            if self._settled.get(day) != prints[day]
        }
        result = await self.sync.sync(changed, self.features, self.starts)
        longest_held = dt_util.utcnow().date() - ONE_DAY * KEPT_DAYS
        await self._ledger.prune(min(whole_after, longest_held))
        if not result.pending:
            self._settled |= {day: prints[day] for day in changed}
        self._settled = {
            day: self._settled[day] for day in prints if day in self._settled
        }
        await self._note(result)

    def _wanted(
        self,
        histories: Mapping[str, History],
        models: Mapping[str, str],
        whole_after: date,
    ) -> Wanted:
        """Return the documents of each day up to tomorrow, days without any included."""
        found: defaultdict[date, list[Document]] = defaultdict(list)
        for document in _documents(histories, models, self.features, self.starts):
            found[document.day].append(document)
        last = max([*found, dt_util.utcnow().date() + ONE_DAY])
        span = range(1, (last - whole_after).days + 1)
        return {
            day: found.get(day, []) for day in (whole_after + ONE_DAY * n for n in span)
        }

    async def preview(
        self, histories: Mapping[str, History], models: Mapping[str, str], span: Span
    ) -> Plan:
        """Return what bringing some days in step would take; nothing is written.

        Raises any of the errors of nightscout.errors.
        """
        wanted = await self._store.run(self._wanted_of, histories, models, span)
        return await self.sync.plan(
            wanted, span.features, span.starts, resend=span.resend
        )

    async def backfill(
        self, histories: Mapping[str, History], models: Mapping[str, str], span: Span
    ) -> None:
        """Bring some days in step, whatever their features' starts were until now.

        Raises any of the errors of nightscout.errors.
        """
        wanted = await self._store.run(self._wanted_of, histories, models, span)
        result = await self.sync.sync(
            wanted, span.features, span.starts, resend=span.resend
        )
        await self._note(result)
        if result.trouble:
            raise result.trouble

    async def start_at(self, first: date, features: Sequence[Feature]) -> None:
        """Let these features want everything from an earlier pump day on."""
        for feature in features:
            if start := self._kept_starts.get(feature):
                self._kept_starts[feature] = min(start, first.isoformat())
        self._settled.clear()
        await self._store.async_save_notes()

    def _wanted_of(
        self, histories: Mapping[str, History], models: Mapping[str, str], span: Span
    ) -> Wanted:
        """Return the documents of each day of a span."""
        features = {*self.features, *span.features}
        wanted: Wanted = {day: [] for day in span.days}
        for document in _documents(
            histories, models, features, dict.fromkeys(features, span.first)
        ):
            if document.day in wanted and document.feature in span.features:
                wanted[document.day].append(document)
        return wanted

    async def _note(self, result: SyncResult) -> None:
        """Remember what was done, and when to try again."""
        trouble = result.trouble
        done = result.created + result.replaced + result.removed
        self.status = replace(
            self.status,
            connected=trouble is None,
            sent=self.status.sent + done,
            pending=result.pending,
            trouble=trouble,
        )
        for rejection in result.rejected:
            LOGGER.warning("Nightscout does not take a document: %s", rejection.reason)
        if trouble is None:
            self.status = replace(self.status, last_sync=dt_util.utcnow())
            self._pause, self._retry_at = FIRST_PAUSE, None
        elif isinstance(trouble, NightscoutRefused):
            self._retry_at = None
        else:
            self._retry_at = dt_util.utcnow() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        last_sync = self.status.last_sync
        self._store.notes["forwarded"] = {
            "last_sync": last_sync.isoformat() if last_sync else None,
            "sent": self.status.sent,
        }
        await self._store.async_save_notes()
