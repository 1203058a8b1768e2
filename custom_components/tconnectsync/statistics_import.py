"""Long-term statistics at the hours in which things happened, however late their data arrived."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import batched

from sqlalchemy.exc import SQLAlchemyError

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    StatisticsRow,
    async_add_external_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import BloodGlucoseConcentrationConverter

from .const import DOMAIN, LOGGER
from .glucose_unit import MG_DL
from .instants import HOUR
from .statistics_corrections import Correction, correct_amounts, correct_spreads
from .statistics_series import GLUCOSE, SERIES, Series
from .therapy.hourly_figures import Hour

GLUCOSE_CLASS = BloodGlucoseConcentrationConverter.UNIT_CLASS
MOST_ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 600
ASK_AGAIN_SECONDS = 30
"""The recorder drops its queued tasks when its database fails meanwhile."""
MOST_AT_ONCE = 1000
"""Home Assistant's own check of 1000 hours blocks the event loop for about a millisecond."""
BEGINNING = dt_util.utc_from_timestamp(0)


def statistics_prefix(account_id: str) -> str:
    """Return the start of the ids of an account's series, a hash that identifies nobody."""
    return sha256(account_id.encode()).hexdigest()[:8]


class TrueTimeStatistics:
    """Corrects the recorder's hours of one account where they differ from the derived ones."""

    def __init__(
        self, hass: HomeAssistant, account_id: str, title: str, glucose_unit: str
    ) -> None:
        """Take the account, its title for the names of its series, and the unit of its glucose."""
        self._hass = hass
        self._prefix = statistics_prefix(account_id)
        self._title = title
        self._glucose_unit = glucose_unit
        self._lock = asyncio.Lock()
        self.failures = 0
        """Number of writes in a row that the recorder did not take."""

    def statistic_id(self, series: Series) -> str:
        """Return the id under which statistics cards find a series."""
        return f"{DOMAIN}:{self._prefix}_{series.key}"

    async def async_write(
        self,
        hours: Mapping[datetime, Hour],
        first: datetime,
        last: datetime | None = None,
    ) -> bool:
        """Correct the hours from first to last (UTC), or all later ones; return whether the recorder has them.

        A recorded hour in which nothing happened is emptied.
        """
        async with self._lock:
            written, reason = False, "it has other values than it was given"
            try:
                written = await self._async_correct_all(hours, first, last)
            except (SQLAlchemyError, TimeoutError) as error:
                reason = type(error).__name__
            self._count(written, reason)
            return written

    def _count(self, written: bool, reason: str) -> None:
        """Count failures in a row; log the first of them, and their end."""
        if not written and not self.failures:
            LOGGER.warning("The recorder does not save the statistics: %s", reason)
        elif written and self.failures:
            LOGGER.info("The recorder saves the statistics again")
        self.failures = 0 if written else self.failures + 1

    async def _async_correct_all(
        self,
        hours: Mapping[datetime, Hour],
        first: datetime,
        last: datetime | None,
    ) -> bool:
        """Correct the hours that differ.

        Raises SQLAlchemyError, and TimeoutError where the recorder does not answer.
        """
        await self._async_wait_for_recorder()
        if not await self._async_convert_recorded_glucose():
            return False
        for _ in range(MOST_ATTEMPTS):
            if not await self._async_correct(hours, first, last):
                return True
            await self._async_wait_for_recorder()
        return False

    async def _async_wait_for_recorder(self) -> None:
        """Wait until the recorder has done all queued tasks; raise TimeoutError.

        Its own method of waiting does not wait for the task that is running.
        """
        done: asyncio.Future[None] = self._hass.loop.create_future()
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            while not done.done():
                get_instance(self._hass).queue_task(SynchronizeTask(done))
                await asyncio.wait([done], timeout=ASK_AGAIN_SECONDS)

    async def _async_read[*Ts, T](
        self, read: Callable[[*Ts], T], /, *arguments: *Ts
    ) -> T:
        """Read from the recorder's database; raise SQLAlchemyError or TimeoutError."""
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            return await get_instance(self._hass).async_add_executor_job(
                read, *arguments
            )

    async def _async_correct(
        self,
        hours: Mapping[datetime, Hour],
        first: datetime,
        last: datetime | None,
    ) -> bool:
        """Queue corrections of the hours that differ; return whether there are any."""
        corrections = await self._async_read(self._corrections, hours, first, last)
        for correction in corrections:
            series = correction.series
            for batch in batched(correction.hours, MOST_AT_ONCE, strict=False):
                await asyncio.sleep(0)  # never before the move, or it may be left out
                self._write(series, batch)
            if moved_from := correction.moved_from:
                get_instance(self._hass).async_adjust_statistics(
                    self.statistic_id(series),
                    moved_from,
                    correction.moved_by,
                    series.unit,
                )
        return bool(corrections)

    def _corrections(
        self,
        hours: Mapping[datetime, Hour],
        first: datetime,
        last: datetime | None,
    ) -> list[Correction]:
        """Return the corrections of all series that need one; blocks."""
        spreads = [series for series in SERIES if series.spread_fn]
        amounts = [series for series in SERIES if series.amount_fn]
        end = None if last is None else last + HOUR
        rows = self._rows(spreads, first, end) | self._rows(amounts, first - HOUR)
        corrections = []
        for series in SERIES:
            recorded = {_start(row): row for row in rows[self.statistic_id(series)]}
            compared = {
                hour: hours.get(hour)
                for hour in hours.keys() | recorded.keys()
                if first <= hour and (last is None or hour <= last)
            }
            if series.spread_fn:
                correction = correct_spreads(series, compared, recorded)
            else:
                sum_before = partial(self._sum_before, series, first, recorded)
                later = {hour: row for hour, row in recorded.items() if hour >= first}
                correction = correct_amounts(series, compared, later, sum_before)
            if correction.hours or correction.moved_from:
                corrections.append(correction)
        return corrections

    def _sum_before(
        self,
        series: Series,
        first: datetime,
        recorded: Mapping[datetime, StatisticsRow],
    ) -> float:
        if row := recorded.get(first - HOUR):
            return row.get("sum") or 0.0
        earlier = self._rows([series], BEGINNING, first)[self.statistic_id(series)]
        return earlier[-1].get("sum") or 0.0 if earlier else 0.0

    def _rows(
        self, series: Iterable[Series], first: datetime, end: datetime | None = None
    ) -> defaultdict[str, list[StatisticsRow]]:
        """Return the recorded rows from an hour up to another, which is excluded, with glucose in mg/dL; blocks."""
        ids = {self.statistic_id(one) for one in series}
        if not ids:
            return defaultdict(list)
        rows = statistics_during_period(
            self._hass,
            first,
            end,
            ids,
            "hour",
            {GLUCOSE_CLASS: MG_DL},
            {"mean", "min", "max", "state", "sum"},
        )
        return defaultdict(list, rows)

    async def _async_convert_recorded_glucose(self) -> bool:
        """Convert all recorded glucose to the chosen unit; return whether the recorder has it so.

        One import changes unit and hours together, so that no hour is ever read in the wrong unit.
        """
        for _ in range(MOST_ATTEMPTS):
            if await self._async_recorded_unit() in (None, self._glucose_unit):
                return True
            hours = await self._async_read(self._recorded_glucose)
            self._write(GLUCOSE, hours)
            await self._async_wait_for_recorder()
        return False

    def _recorded_glucose(self) -> list[StatisticData]:
        """Return all recorded hours of glucose (mg/dL); blocks."""
        return [
            StatisticData(start=_start(row), mean=mean, min=low, max=high)
            for row in self._rows([GLUCOSE], BEGINNING)[self.statistic_id(GLUCOSE)]
            if (mean := row.get("mean")) is not None
            and (low := row.get("min")) is not None
            and (high := row.get("max")) is not None
        ]

    async def _async_recorded_unit(self) -> str | None:
        """Return the unit of the recorded glucose, None while there is none."""
        glucose_id = self.statistic_id(GLUCOSE)
        metadata = await self._async_read(
            partial(get_metadata, self._hass, statistic_ids={glucose_id})
        )
        if glucose_id not in metadata:
            return None
        return metadata[glucose_id][1]["unit_of_measurement"]

    def _write(self, series: Series, hours: Iterable[StatisticData]) -> None:
        """Queue hours for the recorder, glucose (mg/dL) converted to the chosen unit."""
        data = self._in_chosen_unit(hours) if series is GLUCOSE else [*hours]
        async_add_external_statistics(self._hass, self._metadata(series), data)

    def _in_chosen_unit(self, hours: Iterable[StatisticData]) -> list[StatisticData]:
        convert = BloodGlucoseConcentrationConverter.converter_factory(
            MG_DL, self._glucose_unit
        )
        return [
            StatisticData(
                start=hour["start"],
                mean=convert(hour["mean"]),
                min=convert(hour["min"]),
                max=convert(hour["max"]),
            )
            if "mean" in hour
            else hour
            for hour in hours
        ]

    def _metadata(self, series: Series) -> StatisticMetaData:
        is_glucose = series is GLUCOSE
        return StatisticMetaData(
            mean_type=StatisticMeanType.ARITHMETIC
            if series.spread_fn
            else StatisticMeanType.NONE,
            has_sum=series.amount_fn is not None,
            name=f"{series.name} ({self._title})",
            source=DOMAIN,
            statistic_id=self.statistic_id(series),
            unit_class=GLUCOSE_CLASS if is_glucose else None,
            unit_of_measurement=self._glucose_unit if is_glucose else series.unit,
        )


def _start(row: StatisticsRow) -> datetime:
    return dt_util.utc_from_timestamp(row["start"])
