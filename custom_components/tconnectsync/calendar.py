"""A calendar: what is due, and what was changed and went wrong."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import TconnectsyncCoordinator
from .entity import PumpEntity, PumpEntityDescription
from .instants import ONE_DAY
from .read.pump_data import PumpData
from .runtime import TconnectsyncConfigEntry
from .tandem.enums import ALARM_KINDS
from .therapy.fills import site_due
from .therapy.records import Alarm, CgmSessionStart, FillKind

PARALLEL_UPDATES = 0

DEFAULT_DURATION = timedelta(minutes=15)
"""How long a calendar shows what has no length."""
SAME_SESSION = timedelta(hours=1)
"""So far apart two pumps, or a pump that lost its sensor, date the beginning of one session."""
ENTITY = f"component.{DOMAIN}.entity."
MESSAGES = f"{ENTITY}calendar.calendar.state_attributes.message.state."
NOTES = f"{ENTITY}calendar.calendar.state_attributes.description.state."
MEANINGS = f"{ENTITY}sensor.last_alarm.state."


@dataclass(frozen=True, kw_only=True)
class PumpCalendarDescription(PumpEntityDescription, CalendarEntityDescription):
    """What a calendar is called."""


CALENDAR = PumpCalendarDescription(
    key="calendar", entity_registry_enabled_default=False
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TconnectsyncConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendar of an account, in the language of Home Assistant."""
    words = await async_get_translations(hass, hass.config.language, "entity", [DOMAIN])
    async_add_entities([PumpCalendar(entry.runtime_data.coordinator, CALENDAR, words)])


class PumpCalendar(PumpEntity, CalendarEntity):
    """Shows what is due, and what was changed and went wrong."""

    entity_description: PumpCalendarDescription

    def __init__(
        self,
        coordinator: TconnectsyncCoordinator,
        description: PumpCalendarDescription,
        words: Mapping[str, str],
    ) -> None:
        """Say it in these words."""
        super().__init__(coordinator, description)
        self._words = words

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return what is due now or next."""
        now = dt_util.utcnow()
        coming = (one for one in self._due(self.coordinator.data) if one.end > now)
        return min(coming, key=lambda one: one.start, default=None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return everything of a span, in the order of time; nothing of the last day by a clock that may be wrong."""
        data = self.coordinator.data
        if data.history.clock_doubtful and data.state.newest:
            end_date = min(end_date, data.state.newest - ONE_DAY)
        found = (
            one
            for one in self._events()
            if one.start < end_date and one.end > start_date
        )
        return sorted(found, key=lambda one: one.start)

    def _events(self) -> Iterator[CalendarEvent]:
        data = self.coordinator.data
        yield from self._due(data)
        for history in data.histories.values():
            for fill in history.fills:
                if fill.day > data.complete_after:
                    if fill.is_site_change:
                        yield self._moment(fill.start, "site_changed")
                    if fill.kind is FillKind.CARTRIDGE:
                        yield self._moment(fill.start, "cartridge_changed")
            for alarm in history.alarms:
                if alarm.kind in ALARM_KINDS and alarm.day > data.complete_after:
                    yield self._alarm(alarm, history.newest or alarm.start)
        sessions = (
            one for each in data.histories.values() for one in each.session_starts
        )
        for began in _beginnings(sessions):
            yield self._moment(began, "sensor_started")

    def _due(self, data: PumpData) -> Iterator[CalendarEvent]:
        """Yield what the newest event lets expect; nothing while the pump's clock may be wrong."""
        newest = data.state.newest
        if newest is None or data.history.clock_doubtful:
            return
        settings = data.pump.settings if data.pump else None
        reminder = settings.reminders.site_change_days if settings else None
        limits = data.state.session_limits
        expected = {
            "site_due": site_due(data.state.site, reminder),
            "sensor_ends": limits.expires if limits else None,
        }
        for key, instant in expected.items():
            if instant:
                yield self._moment(instant, key, "as_of", newest)
        if data.figures.cartridge_lasts_until and self.is_fresh(newest):
            yield self._moment(
                data.figures.cartridge_lasts_until,
                "cartridge_empty",
                "estimate_as_of",
                newest,
            )

    def _moment(
        self,
        start: datetime,
        key: str,
        note: str | None = None,
        as_of: datetime | None = None,
    ) -> CalendarEvent:
        description = None
        if note and as_of:
            local = f"{dt_util.as_local(as_of):%Y-%m-%d %H:%M}"
            description = self._words[NOTES + note].format(as_of=local)
        return CalendarEvent(
            start=dt_util.as_local(start),
            end=dt_util.as_local(start + DEFAULT_DURATION),
            summary=self._words[MESSAGES + key],
            description=description,
        )

    def _alarm(self, alarm: Alarm, newest: datetime) -> CalendarEvent:
        """Return an alarm until it ended, or as long as it is known to have lasted."""
        return CalendarEvent(
            start=dt_util.as_local(alarm.start),
            end=dt_util.as_local(
                max(alarm.ended or newest, alarm.start + DEFAULT_DURATION)
            ),
            summary=self._words.get(MEANINGS + alarm.slug, alarm.meaning),
        )


def _beginnings(sessions: Iterable[CgmSessionStart]) -> Iterator[datetime]:
    """Yield when each sensor was started, once however often a pump joined it."""
    before: datetime | None = None
    for began in sorted(one.session_start for one in sessions if one.session_start):
        if before is None or began - before > SAME_SESSION:
            yield began
        before = began
