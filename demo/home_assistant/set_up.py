"""The integration, a dashboard and an automation, added as a person would add them."""

from collections import Counter
from typing import Any

from .api import Api, RefusedError
from .automation import alarm_automation
from .dashboard import dashboard

DOMAIN = "tconnectsync"
DASHBOARD = "insulin-pump"
PATIENCE = 2
"""How often a form is sent: a doubt is said once, and accepted when sent again."""


async def set_up(api: Api, answers: dict[str, Any], *, links: dict[str, str]) -> None:
    """Add what is not there yet; `answers` by name of the field asked for."""
    entries = await api.get(f"config/config_entries/entry?domain={DOMAIN}")
    if not entries:
        await add_integration(api, answers)
    found = await entities(api)
    if "alarm_event" in found:
        await add_automation(api, found["alarm_event"])
    dashboards = await api.command("lovelace/dashboards/list")
    if DASHBOARD not in (known["url_path"] for known in dashboards):
        await add_dashboard(api, found, links)


async def add_integration(api: Api, answers: dict[str, Any]) -> None:
    """Go through the forms to the end."""
    flows = "config/config_entries/flow"
    step = await api.post(flows, {"handler": DOMAIN})
    asked = Counter[str]()
    while step["type"] == "form" and asked[step["step_id"]] < PATIENCE:
        asked[step["step_id"]] += 1
        fields = [field["name"] for field in step["data_schema"]]
        known = {name: answers[name] for name in fields if name in answers}
        step = await api.post(f"{flows}/{step['flow_id']}", known)
    if step["type"] != "create_entry":
        raise RefusedError(f"set-up: {step.get('errors') or step.get('reason')}")


async def entities(api: Api) -> dict[str, str]:
    """Return the integration's entity ids by translation key, those of events as key_event."""
    listed = await api.command("config/entity_registry/list")
    return {
        entity["translation_key"]
        + ("_event" if entity["entity_id"].startswith("event.") else ""): entity[
            "entity_id"
        ]
        for entity in listed
        if entity["platform"] == DOMAIN and entity["disabled_by"] is None
    }


async def add_automation(api: Api, event: str) -> None:
    """Add the automation that tells of a new alarm, unless it was added before."""
    path = "config/automation/config/tell_of_an_alarm"
    try:
        await api.get(path)
    except RefusedError:
        types = (await api.get(f"states/{event}"))["attributes"]["event_types"]
        await api.post(path, alarm_automation(event, types))


async def add_dashboard(api: Api, found: dict[str, str], links: dict[str, str]) -> None:
    """Add the dashboard and let it be the first page."""
    await api.command(
        "lovelace/dashboards/create",
        url_path=DASHBOARD,
        title="Insulin pump",
        icon="mdi:water-pump",
        mode="storage",
    )
    await api.command(
        "lovelace/config/save", url_path=DASHBOARD, config=dashboard(found, links)
    )
    await api.command(
        "frontend/set_system_data", key="core", value={"default_panel": DASHBOARD}
    )
