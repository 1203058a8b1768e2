"""What is news: each occurrence is told once, however often its data comes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from homeassistant.util import dt as dt_util

from .storage.account_store import AccountStore
from .tandem.events import AlarmKind
from .therapy.history import History
from .therapy.records import Alarm, Bolus

OLDEST_NEWS = timedelta(hours=24)
REMEMBERED = 7 * OLDEST_NEWS
"""Another time zone, or a clock that was put right, dates things anew; told is told all the same."""


class Topic(StrEnum):
    """What can be told."""

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
    """Something that happened once, whichever upload brought it."""

    identity: str
    topic: Topic
    record: Alarm | Bolus
    former: str | None = None
    """The identity by which an earlier version may have told it."""

    def was_told(self, told: Mapping[str, datetime]) -> bool:
        """Tell whether it is among what was told, each with when it was."""
        if self.identity in told:
            return True
        start = told.get(self.former) if self.former else None
        return start is not None and abs(self.record.start - start) <= OLDEST_NEWS


def occurrences(histories: Mapping[str, History]) -> Iterator[Occurrence]:
    """Yield everything that can be told, of every pump."""
    for serial_number, history in histories.items():
        for alarm in history.alarms:
            group, number = alarm.key
            identity = f"{serial_number}:{alarm.kind}:{group}-{number}"
            yield Occurrence(identity, TOPIC_OF_KIND[alarm.kind], alarm)
        for bolus in history.boluses:
            if bolus.complete:
                yield Occurrence(
                    f"{serial_number}:{bolus.identity}",
                    Topic.BOLUS,
                    bolus,
                    f"{serial_number}:{bolus.former_identity}",
                )


class News:
    """Keeps apart what was told from what was not."""

    def __init__(self, store: AccountStore) -> None:
        """Remember in this store."""
        self._store = store
        self._state = store.state.news
        self._untold: dict[str, Occurrence] = {}

    def learn(self, histories: Mapping[str, History]) -> None:
        """Take in what is known now; what the very first sync brings is no news."""
        now = dt_util.utcnow()
        told = self._state.fired
        if told is None:
            self._state.fired = {
                occurrence.identity: occurrence.record.start
                for occurrence in occurrences(histories)
                if now - occurrence.record.start <= REMEMBERED
            }
            return
        recent = sorted(
            (
                occurrence
                for occurrence in occurrences(histories)
                if now - occurrence.record.start <= OLDEST_NEWS
            ),
            key=lambda occurrence: occurrence.record.start,
        )
        self._untold = {
            occurrence.identity: occurrence
            for occurrence in recent
            if not occurrence.was_told(told)
        }

    def untold(self, topic: Topic) -> list[Occurrence]:
        """Return what is still to be told, oldest first, unless it got old meanwhile."""
        now = dt_util.utcnow()
        return [
            occurrence
            for occurrence in self._untold.values()
            if occurrence.topic is topic
            and now - occurrence.record.start <= OLDEST_NEWS
        ]

    async def told(self, *occurrences: Occurrence) -> None:
        """Note on disk what has been told."""
        told = self._state.fired or {}
        now = dt_util.utcnow()
        for occurrence in occurrences:
            told[occurrence.identity] = occurrence.record.start
            self._untold.pop(occurrence.identity, None)
        self._state.fired = {
            identity: start
            for identity, start in told.items()
            if now - start <= REMEMBERED
        }
        await self._store.async_save()
