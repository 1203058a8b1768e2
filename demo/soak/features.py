"""Turn on everything there is to forward, as a person would."""

import asyncio
from datetime import date
from typing import Any

from demo.home_assistant import Api, RefusedError, entities

from .month import TIME_ZONE

ENTRIES = "config/config_entries/entry?domain=tconnectsync"
OPTIONS = "config/config_entries/options/flow"
EVERY_DAY = ["basal", "bolus", "pump_events", "cgm", "cgm_alerts", "device_status"]
"""Features that have documents of each day."""
CHOSEN: dict[str, Any] = {
    "features": [*EVERY_DAY, "profiles"],
    "pump": "automatic",
    "pump_time_zone": TIME_ZONE,
    "stale_after": 120,
    "glucose_unit": "mg/dL",
}
SENT_SECONDS, SENT = 300, 100
"""How long it may take until everything (%) is sent, the days before that another backfill sends included."""


async def choose_everything(api: Api) -> None:
    """Enable all features; the account is set up again after that."""
    (entry,) = await api.get(ENTRIES)
    step = await api.post(OPTIONS, {"handler": entry["entry_id"]})
    for answers in (CHOSEN, {}):
        step = await api.post(f"{OPTIONS}/{step['flow_id']}", answers)
    if step["type"] != "create_entry":
        raise RefusedError(f"options: {step.get('errors') or step.get('reason')}")


async def send_from(api: Api, first: date, last: date) -> None:
    """Send everything from a day on and wait for it, after a backfill that is already running."""
    async with asyncio.timeout(SENT_SECONDS):
        while True:
            try:
                await api.post(
                    "services/tconnectsync/backfill",
                    {
                        "start_date": first.isoformat(),
                        "end_date": last.isoformat(),
                        "features": EVERY_DAY,
                    },
                )
            except RefusedError:
                await asyncio.sleep(1)
            else:
                break
        progress = (await entities(api))["backfill_progress"]
        while float((await api.get(f"states/{progress}"))["state"]) < SENT:
            await asyncio.sleep(1)
