"""Keeps one Nightscout site in step with what the pumps told."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
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
    LOGGER,
)
from .nightscout.address import normalized
from .nightscout.client import NightscoutClient
from .nightscout.document import Document, PumpIdentity
from .nightscout.documents import documents
from .nightscout.errors import NightscoutError, NightscoutRefused
from .nightscout.features import DEFAULT_FEATURES, Feature
from .nightscout.sync import NightscoutSync, SyncResult
from .store import AccountStore
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
    return Forwarding(
        NightscoutSync(client, store.ledger(address)), store, features, starts
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


class Forwarding:
    """Compares what Nightscout is to hold with what it was given, and sends the difference."""

    def __init__(
        self,
        sync: NightscoutSync,
        store: AccountStore,
        features: Sequence[Feature],
        starts: Mapping[Feature, date],
    ) -> None:
        """Send these features, each from its own first pump day on."""
        self.features = features
        self.starts = dict(starts)
        self.sync = sync
        self._store = store
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
        """Return the documents of each day, days without any included."""
        found: defaultdict[date, list[Document]] = defaultdict(list)
        for serial_number, history in histories.items():
            pump = PumpIdentity(
                serial_number=serial_number, model=models.get(serial_number, "")
            )
            for document in documents(history, pump, self.features, self.starts):
                found[document.day].append(document)
        last = max(found, default=whole_after)
        span = range(1, (last - whole_after).days + 1)
        return {
            day: found.get(day, []) for day in (whole_after + ONE_DAY * n for n in span)
        }

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
