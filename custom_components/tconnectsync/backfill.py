"""Sends and records a span of days, however long ago."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .const import LOGGER
from .forwarding import Span
from .nightscout.comparison import Plan
from .nightscout.errors import NightscoutBusy, NightscoutError, NightscoutUnreachable
from .nightscout.features import Feature
from .past import Stretch, past_days
from .tandem import TandemBusy, TandemError, TandemUnreachable
from .therapy.hours import Hour, hours

if TYPE_CHECKING:
    from .coordinator import TconnectsyncCoordinator

ONE_DAY = timedelta(days=1)
MOST_ATTEMPTS = 5
PAUSE_SECONDS = 15
PASSING_TROUBLE = (
    NightscoutBusy,
    NightscoutUnreachable,
    TandemBusy,
    TandemUnreachable,
)


class Phase(StrEnum):
    """How a backfill stands."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRequest:
    """Which pump days and features, and whether to send again what the site lost."""

    first: date
    last: date
    features: tuple[Feature, ...]
    resend: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class Report:
    """What a backfill wrote, or would write, by event type."""

    days: int = 0
    create: Counter[str] = field(default_factory=Counter)
    replace: Counter[str] = field(default_factory=Counter)
    remove: Counter[str] = field(default_factory=Counter)

    def add(self, plan: Plan) -> None:
        """Count the steps of one stretch."""
        self.create.update(step.document.event_type for step in plan.create)
        self.replace.update(step.document.event_type for step in plan.replace)
        self.remove.update(removal.row.place.event_type for removal in plan.remove)


class Backfill:
    """Goes through a span of days; one at a time, and stopped by asking."""

    def __init__(self, coordinator: TconnectsyncCoordinator) -> None:
        """Read, send and record for one account."""
        self._coordinator = coordinator
        self._cancelled = asyncio.Event()
        self.phase = Phase.IDLE
        self.progress = 0.0
        """Share of the days that are through, 0 to 100 %."""
        self.trouble: str | None = None

    @callback
    def cancel(self) -> None:
        """Stop after the days at hand."""
        self._cancelled.set()

    async def run(self, request: BackfillRequest) -> Report:
        """Go through the span; raises the errors of tandem.errors and nightscout.errors."""
        self._cancelled.clear()
        self.trouble = None
        self._show(Phase.RUNNING, 0)
        report = Report()
        try:
            await self._run(request, report)
        except (TandemError, NightscoutError) as trouble:
            self.trouble = str(trouble)
            self._show(Phase.FAILED, self.progress)
            raise
        if self._cancelled.is_set():
            self._show(Phase.CANCELLED, self.progress)
        else:
            self._show(Phase.DONE, 100)
        return report

    async def _run(self, request: BackfillRequest, report: Report) -> None:
        """Go through the days that are not kept, then through those that are."""
        coordinator = self._coordinator
        whole_after = coordinator.whole_after()
        found: dict[datetime, Hour] = {}
        try:
            await self._older(request, whole_after, report, found)
        finally:
            if found and not request.dry_run:
                await coordinator.statistics.async_write(found, min(found), max(found))
        if request.last > whole_after and not self._cancelled.is_set():
            kept = Stretch(
                first=max(request.first, whole_after + ONE_DAY),
                last=request.last,
                histories=dict(coordinator.data.histories),
            )
            await self._pass_on(request, kept, report)

    async def _older(
        self,
        request: BackfillRequest,
        whole_after: date,
        report: Report,
        found: dict[datetime, Hour],
    ) -> None:
        """Read the days that are not kept; trouble that may pass is waited for a while."""
        coordinator = self._coordinator
        day, last = request.first, min(request.last, whole_after)
        attempts = 0
        while day <= last and not self._cancelled.is_set():
            try:
                async for stretch in past_days(
                    coordinator.reader,
                    coordinator.store,
                    coordinator.data.pumper,
                    coordinator.zone,
                    (day, last),
                ):
                    await self._pass_on(request, stretch, report)
                    found |= await coordinator.store.run(self._hours, stretch)
                    day, attempts = stretch.last + ONE_DAY, 0
                    if self._cancelled.is_set():
                        break
            except PASSING_TROUBLE as trouble:
                attempts += 1
                if attempts > MOST_ATTEMPTS:
                    raise
                LOGGER.debug("The backfill goes on in a while: %s", trouble)
                await asyncio.sleep(PAUSE_SECONDS * 2**attempts)

    async def _pass_on(
        self, request: BackfillRequest, stretch: Stretch, report: Report
    ) -> None:
        """Bring Nightscout in step for some days, or only tell what that would take."""
        if forwarding := self._coordinator.forwarding:
            span = Span(
                first=stretch.first,
                last=stretch.last,
                features=request.features,
                resend=request.resend,
            )
            histories, models = stretch.histories, self._coordinator.models()
            if request.dry_run:
                report.add(await forwarding.preview(histories, models, span))
            else:
                await forwarding.backfill(histories, models, span)
        report.days += (stretch.last - stretch.first).days + 1
        total = (request.last - request.first).days + 1
        self._show(Phase.RUNNING, 100 * report.days / total)

    def _hours(self, stretch: Stretch) -> Mapping[datetime, Hour]:
        """Return the hours of the days, in the pump's zone, without those around them."""
        start = self._midnight(stretch.first)
        end = self._midnight(stretch.last + ONE_DAY)
        return {
            hour: figures
            for hour, figures in hours(stretch.histories.values()).items()
            if start <= hour < end
        }

    def _midnight(self, day: date) -> datetime:
        wall = datetime.combine(day, time(), self._coordinator.zone)
        return wall.astimezone(UTC)

    def _show(self, phase: Phase, progress: float) -> None:
        self.phase = phase
        self.progress = round(progress, 1)
        self._coordinator.async_update_listeners()
