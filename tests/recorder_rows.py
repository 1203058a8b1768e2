"""The recorder's rows of a series of long-term statistics."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


async def recorded(
    hass: HomeAssistant, statistic_id: str
) -> dict[datetime, dict[str, Any]]:
    """Return all recorded hours, with glucose in its recorded unit."""
    recorder = get_instance(hass)
    await recorder.async_block_till_done()
    rows = await recorder.async_add_executor_job(
        statistics_during_period,
        hass,
        LONG_AGO,
        None,
        {statistic_id},
        "hour",
        None,
        {"mean", "min", "max", "state", "sum"},
    )
    return {
        datetime.fromtimestamp(row["start"], UTC): dict(row)
        for row in rows.get(statistic_id, ())
    }
