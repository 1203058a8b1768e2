"""A calendar of due changes, past changes and alarms."""

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
"""How long an event without a duration is shown."""
SAME_SESSION = timedelta(hours=1)
"""How far apart two pumps, or one that lost its sensor, date the start of the same session."""
ENTITY = f"component.{DOMAIN}.entity."
MESSAGES = f"{ENTITY}calendar.calendar.state_attributes.message.state."
NOTES = f"{ENTITY}calendar.calendar.state_attributes.description.state."
MEANINGS = f"{ENTITY}sensor.last_alarm.state."


@dataclass(frozen=True, kw_only=True)
class PumpCalendarDescription(PumpEntityDescription, CalendarEntityDescription):
    """The calendar of an account."""


CALENDAR = PumpCalendarDescription(
    key="calendar", entity_registry_enabled_default=False
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TconnectsyncConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendar of an account, in the language of Home Assistant."""
    texts = await async_get_translations(hass, hass.config.language, "entity", [DOMAIN])
    async_add_entities([PumpCalendar(entry.runtime_data.coordinator, CALENDAR, texts)])


class PumpCalendar(PumpEntity, CalendarEntity):
    """Shows due changes, past changes and alarms."""

    entity_description: PumpCalendarDescription

    def __init__(
        self,
        coordinator: TconnectsyncCoordinator,
        description: PumpCalendarDescription,
        texts: Mapping[str, str],
    ) -> None:
        """Take the translated texts of the events."""
        super().__init__(coordinator, description)
        self._texts = texts

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the change that is due now or next."""
        now = dt_util.utcnow()
        due = (event for event in self._due(self.coordinator.data) if event.end > now)
        return min(due, key=lambda event: event.start, default=None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the events of a span in order of time, none of the last day while the pump's clock may be wrong."""
        data = self.coordinator.data
        if data.history.clock_doubtful and data.state.newest:
            end_date = min(end_date, data.state.newest - ONE_DAY)
        events = (
            event
            for event in self._events()
            if event.start < end_date and event.end > start_date
        )
        return sorted(events, key=lambda event: event.start)

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
            session
            for history in data.histories.values()
            for session in history.session_starts
        )
        for started in _sensor_starts(sessions):
            yield self._moment(started, "sensor_started")

    def _due(self, data: PumpData) -> Iterator[CalendarEvent]:
        """Yield the changes that are due as of the newest event, none while the pump's clock may be wrong."""
        newest = data.state.newest
        if newest is None or data.history.clock_doubtful:
            return
        settings = data.pump.settings if data.pump else None
        reminder = settings.reminders.site_change_days if settings else None
        limits = data.state.session_limits
        due = {
            "site_due": site_due(data.state.site, reminder),
            "sensor_ends": limits.expires if limits else None,
        }
        for key, instant in due.items():
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
            description = self._texts[NOTES + note].format(as_of=local)
        return CalendarEvent(
            start=dt_util.as_local(start),
            end=dt_util.as_local(start + DEFAULT_DURATION),
            summary=self._texts[MESSAGES + key],
            description=description,
        )

    def _alarm(self, alarm: Alarm, newest: datetime) -> CalendarEvent:
        """Return an alarm up to its end, or up to the newest event while it lasts."""
        return CalendarEvent(
            start=dt_util.as_local(alarm.start),
            end=dt_util.as_local(
                max(alarm.ended or newest, alarm.start + DEFAULT_DURATION)
            ),
            summary=self._texts.get(MEANINGS + alarm.slug, alarm.meaning),
        )


def _sensor_starts(sessions: Iterable[CgmSessionStart]) -> Iterator[datetime]:
    """Yield the start of each sensor once, however often a pump joined its session."""
    before: datetime | None = None
    for started in sorted(
        session.session_start for session in sessions if session.session_start
    ):
        if before is None or started - before > SAME_SESSION:
            yield started
        before = started
