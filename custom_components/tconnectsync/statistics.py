"""Long-term statistics at the hours in which things happened, whenever their data came."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

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
from homeassistant.const import UnitOfBloodGlucoseConcentration
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import BloodGlucoseConcentrationConverter

from .const import DOMAIN
from .therapy.hours import HOUR, Hour, Spread

MG_DL = UnitOfBloodGlucoseConcentration.MILLIGRAMS_PER_DECILITER
GLUCOSE_CLASS = BloodGlucoseConcentrationConverter.UNIT_CLASS
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of hours: a spread of values, or an amount that adds up."""

    key: str
    name: str
    unit: str
    spread_fn: Callable[[Hour], Spread] | None = None
    amount_fn: Callable[[Hour], float] | None = None


GLUCOSE = Series(
    key="glucose", name="Glucose", unit=MG_DL, spread_fn=lambda hour: hour.glucose
)
SERIES = (
    GLUCOSE,
    Series(
        key="basal_rate",
        name="Basal rate",
        unit="U/h",
        spread_fn=lambda hour: hour.basal_rate,
    ),
    Series(
        key="insulin_on_board",
        name="Insulin on board",
        unit="U",
        spread_fn=lambda hour: hour.insulin_on_board,
    ),
    Series(
        key="basal", name="Basal insulin", unit="U", amount_fn=lambda hour: hour.basal
    ),
    Series(
        key="bolus", name="Bolus insulin", unit="U", amount_fn=lambda hour: hour.bolus
    ),
    Series(
        key="insulin",
        name="Insulin",
        unit="U",
        amount_fn=lambda hour: hour.basal + hour.bolus,
    ),
    Series(key="carbs", name="Carbs", unit="g", amount_fn=lambda hour: hour.carbs),
)


class TrueTimeStatistics:
    """Writes whatever differs between the hours that were and those the recorder has."""

    def __init__(
        self, hass: HomeAssistant, account_id: str, title: str, glucose_unit: str
    ) -> None:
        """Name the series after the account, without telling whose it is."""
        self._hass = hass
        self._prefix = sha256(account_id.encode()).hexdigest()[:8]
        self._title = title
        self._glucose_unit = glucose_unit
        self._lock = asyncio.Lock()

    def statistic_id(self, series: Series) -> str:
        """Return the id under which statistics cards find a series."""
        return f"{DOMAIN}:{self._prefix}_{series.key}"

    async def async_write(
        self, hours: Mapping[datetime, Hour], first: datetime, last: datetime
    ) -> int:
        """Correct the hours from first to last (UTC); return how many were written."""
        async with self._lock:
            await self._async_settle_units()
            rows = await self._async_rows(first)
            written = 0
            for series in SERIES:
                recorded = {_start(row): row for row in rows[self.statistic_id(series)]}
                if series.spread_fn:
                    new = await self._async_spreads(
                        series, hours, (first, last), recorded
                    )
                else:
                    new = await self._async_amounts(
                        series, hours, (first, last), recorded
                    )
                if new:
                    async_add_external_statistics(
                        self._hass, self._metadata(series), new
                    )
                    written += len(new)
            if written:
                await get_instance(self._hass).async_block_till_done()
            return written

    async def _async_spreads(
        self,
        series: Series,
        hours: Mapping[datetime, Hour],
        span: tuple[datetime, datetime],
        recorded: Mapping[datetime, StatisticsRow],
    ) -> list[StatisticData]:
        """Return the hours whose values differ; one that never was makes the series anew."""
        assert series.spread_fn is not None
        wanted = {
            hour: spread
            for hour, figures in hours.items()
            if span[0] <= hour <= span[1]
            and (spread := series.spread_fn(figures)).weight
        }
        data = [
            self._spread_data(series, hour, wanted[hour])
            for hour in sorted(wanted)
            if hour not in recorded
            or not _same(recorded[hour].get("mean"), wanted[hour].mean)
            or not _same(recorded[hour].get("min"), wanted[hour].low)
            or not _same(recorded[hour].get("max"), wanted[hour].high)
        ]
        gone = {hour for hour in recorded if span[0] <= hour <= span[1]} - wanted.keys()
        if not gone:
            return data
        everything = await self._async_rows(dt_util.utc_from_timestamp(0))
        get_instance(self._hass).async_clear_statistics([self.statistic_id(series)])
        kept = [
            StatisticData(
                start=_start(row),
                mean=self._shown(series, row.get("mean") or 0.0),
                min=self._shown(series, row.get("min") or 0.0),
                max=self._shown(series, row.get("max") or 0.0),
            )
            for row in everything[self.statistic_id(series)]
            if _start(row) not in gone
        ]
        return [*kept, *data]

    async def _async_amounts(
        self,
        series: Series,
        hours: Mapping[datetime, Hour],
        span: tuple[datetime, datetime],
        recorded: Mapping[datetime, StatisticsRow],
    ) -> list[StatisticData]:
        """Return the hours whose amount or running sum differs, later ones included."""
        assert series.amount_fn is not None
        first, last = span
        amounts = {
            hour: row.get("state") or 0.0
            for hour, row in recorded.items()
            if hour >= first
        }
        amounts |= {hour: 0.0 for hour in amounts if hour <= last}
        amounts |= {
            hour: series.amount_fn(figures)
            for hour, figures in hours.items()
            if first <= hour <= last
        }
        if not amounts:
            return []
        total = await self._async_sum_before(series, first, recorded)
        data = []
        for hour in sorted(amounts):
            total += amounts[hour]
            row = recorded.get(hour)
            if (
                row is None
                or not _same(row.get("state"), amounts[hour])
                or not _same(row.get("sum"), total)
            ):
                data.append(StatisticData(start=hour, state=amounts[hour], sum=total))
        return data

    async def _async_sum_before(
        self,
        series: Series,
        first: datetime,
        recorded: Mapping[datetime, StatisticsRow],
    ) -> float:
        if row := recorded.get(first - HOUR):
            return row.get("sum") or 0.0
        rows = await self._async_rows(dt_util.utc_from_timestamp(0), first)
        before = rows[self.statistic_id(series)]
        return before[-1].get("sum") or 0.0 if before else 0.0

    async def _async_rows(
        self, first: datetime, end: datetime | None = None
    ) -> defaultdict[str, list[StatisticsRow]]:
        """Return what is recorded from an hour before, glucose in mg/dL."""
        rows = await get_instance(self._hass).async_add_executor_job(
            statistics_during_period,
            self._hass,
            first - HOUR if first.timestamp() else first,
            end,
            {self.statistic_id(series) for series in SERIES},
            "hour",
            {GLUCOSE_CLASS: MG_DL},
            {"mean", "min", "max", "state", "sum"},
        )
        return defaultdict(list, rows)

    async def _async_settle_units(self) -> None:
        """Convert the glucose recorded so far when the person chose the other unit."""
        glucose_id = self.statistic_id(GLUCOSE)
        metadata = await get_instance(self._hass).async_add_executor_job(
            partial(get_metadata, self._hass, statistic_ids={glucose_id})
        )
        if glucose_id not in metadata:
            return
        unit = metadata[glucose_id][1]["unit_of_measurement"]
        if unit and unit != self._glucose_unit:
            get_instance(self._hass).async_change_statistics_unit(
                glucose_id,
                new_unit_of_measurement=self._glucose_unit,
                old_unit_of_measurement=unit,
            )
            await get_instance(self._hass).async_block_till_done()

    def _spread_data(
        self, series: Series, hour: datetime, spread: Spread
    ) -> StatisticData:
        return StatisticData(
            start=hour,
            mean=self._shown(series, spread.mean),
            min=self._shown(series, spread.low),
            max=self._shown(series, spread.high),
        )

    def _shown(self, series: Series, value: float) -> float:
        """Return a value in the unit the series is written in."""
        if series is not GLUCOSE:
            return value
        return BloodGlucoseConcentrationConverter.convert(
            value, MG_DL, self._glucose_unit
        )

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


def _same(recorded: float | None, wanted: float) -> bool:
    return recorded is not None and abs(recorded - wanted) < TOLERANCE
