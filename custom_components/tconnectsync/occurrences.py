"""Occurrences: alarms, alerts and boluses, each fired once however often its data is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from homeassistant.util import dt as dt_util

from .instants import FAR_FUTURE, ZERO
from .storage.account_store import AccountStore
from .tandem.enums import AlarmKind
from .therapy.history import History
from .therapy.records import Alarm, Bolus, Record

MAX_AGE = timedelta(hours=24)
REMEMBERED = 7 * MAX_AGE
"""How long a fired occurrence is remembered, so that a changed clock cannot make it fire again."""
MAX_AGE_BY_A_FAST_CLOCK = 2 * MAX_AGE
"""How old a recent occurrence may look while Home Assistant's clock is ahead, as far as _now allows."""


class Topic(StrEnum):
    """The groups of occurrences, each of which one event entity fires."""

    ALARM = "alarm"
    ALERT = "alert"
    CGM_ALERT = "cgm_alert"
    BOLUS = "bolus"


TOPIC_OF_KIND = {
    AlarmKind.ALARM: Topic.ALARM,
    AlarmKind.MALFUNCTION: Topic.ALARM,
    AlarmKind.ALERT: Topic.ALERT,
    AlarmKind.CGM_ALERT: Topic.CGM_ALERT,
}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An alarm, alert or bolus, the same in every upload that contains it."""

    identity: str
    topic: Topic
    record: Alarm | Bolus
    happened: datetime
    """When it happened (UTC), corrected where uploads show that the pump's clock is behind."""
    latest: datetime
    """When it happened at the latest (UTC), by the uploads and the log after it, whatever the clock shows."""
    age_since: datetime
    """From when (UTC) its age counts: `latest` while the clock may be wrong, so that no age limit holds back an alarm."""
    former: str | None = None
    """The identity under which an earlier version may have fired it."""

    def was_fired(self, fired: Mapping[str, datetime]) -> bool:
        """Return whether it is among the fired identities, each of which has an instant (UTC)."""
        if self.identity in fired:
            return True
        start = fired.get(self.former) if self.former else None
        return start is not None and abs(self.record.start - start) <= MAX_AGE


def occurrences(histories: Mapping[str, History]) -> Iterator[Occurrence]:
    """Yield the alarms, alerts and complete boluses of every pump, identified by their place in the log."""
    for serial_number, history in histories.items():
        for alarm in history.all_logged.alarms:
            group, number = alarm.key
            identity = f"{serial_number}:{alarm.kind}:{group}-{number}"
            yield _occurrence(identity, TOPIC_OF_KIND[alarm.kind], alarm, history)
        for bolus in history.all_logged.boluses:
            if bolus.complete:
                identity = f"{serial_number}:{bolus.identity}"
                former = f"{serial_number}:{bolus.former_identity}"
                yield _occurrence(identity, Topic.BOLUS, bolus, history, former)


def _occurrence(
    identity: str,
    topic: Topic,
    record: Alarm | Bolus,
    history: History,
    former: str | None = None,
) -> Occurrence:
    happened, latest = happened_at(record, history), latest_at(record, history)
    age_since = max(happened, latest) if history.clock_doubtful else happened
    return Occurrence(identity, topic, record, happened, latest, age_since, former)


def happened_at(record: Record, history: History) -> datetime:
    """Return when (UTC) a record started, corrected where uploads show that the pump's clock is behind."""
    return record.start + max(ZERO, -(history.clock_off or ZERO))


def latest_at(record: Record, history: History) -> datetime:
    """Return when (UTC) a record started at the latest, by its place in the log and the uploads."""
    upload, end = history.last_upload, history.newest_logged
    if not upload or not end:
        return record.start
    latest = upload - max(ZERO, min(end.instant, upload) - record.start)
    uploaded_at = (item.at for item in history.uploads if item.key >= record.key)
    return min(latest, next(uploaded_at, latest))


class Occurrences:
    """Knows which occurrences of an account were fired and which are pending."""

    def __init__(self, store: AccountStore) -> None:
        """Take the fired occurrences from a store, and save them there."""
        self._store = store
        self._state = store.state.news
        self._pending: dict[str, Occurrence] = {}
        self.known: tuple[Occurrence, ...] = ()
        """All occurrences, oldest first."""

    def update(self, histories: Mapping[str, History]) -> None:
        """Find the occurrences of these histories; those of the very first sync count as fired."""
        fired = self._state.fired
        self.known = tuple(
            sorted(
                occurrences(histories),
                key=lambda occurrence: (occurrence.latest, occurrence.record.key),
            )
        )
        if fired is None:
            now = self._now
            self._state.fired = {
                occurrence.identity: now
                for occurrence in self.known
                if now - occurrence.latest <= REMEMBERED
            }
            return
        now = self._now
        self._pending = {
            occurrence.identity: occurrence
            for occurrence in self.known
            if now - occurrence.latest <= MAX_AGE_BY_A_FAST_CLOCK
            and not occurrence.was_fired(fired)
        }

    def pending(self, topic: Topic) -> list[Occurrence]:
        """Return the occurrences of a topic that are still to be fired, oldest first, without those that are too old by now."""
        return [
            occurrence
            for occurrence in self._pending.values()
            if occurrence.topic is topic and _is_recent(occurrence)
        ]

    @property
    def _now(self) -> datetime:
        """The time (UTC) by Home Assistant's clock, which may be ahead: at most a day after the newest occurrence."""
        newest = self.known[-1].latest + MAX_AGE if self.known else FAR_FUTURE
        return min(dt_util.utcnow(), newest)

    async def mark_fired(self, *occurrences: Occurrence) -> None:
        """Note occurrences as fired, and save that as soon as the disk allows."""
        fired, now = self._state.fired or {}, self._now
        for occurrence in occurrences:
            fired[occurrence.identity] = now
            self._pending.pop(occurrence.identity, None)
        self._state.fired = {
            identity: at for identity, at in fired.items() if now - at <= REMEMBERED
        }
        await self._store.async_save_if_possible()


def _is_recent(occurrence: Occurrence) -> bool:
    return is_recent(dt_util.utcnow(), occurrence.latest)


def is_recent(now: datetime, happened: datetime) -> bool:
    """Return whether events, and triggers for single occurrences, still fire for that instant.

    Triggers for a lasting state depend on whether the data is fresh instead.
    """
    return now - happened <= MAX_AGE
