"""Add the integration, an automation and a dashboard, as a person would add them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from .api import Api, RefusedError
from .automation import alarm_automation
from .dashboard import dashboard

DOMAIN = "tconnectsync"
DASHBOARD = "insulin-pump"
PATIENCE = 2
"""How often a form is sent: a warning is shown once, and accepted when the form is sent again."""
STATISTICS_SECONDS = 20


async def set_up(api: Api, *accounts: dict[str, Any]) -> list[str]:
    """Add accounts and automation if need be, and return the accounts' entries, the first added first.

    What is answered for each account, by name of the field asked for.
    """
    listed = f"config/config_entries/entry?domain={DOMAIN}"
    for answers in accounts[len(await api.get(listed)) :]:
        await add_integration(api, answers)
    entries = await api.get(listed)
    for entry in entries:
        if entry["state"] != "loaded":
            raise RefusedError(f"integration: {entry['state']} {entry['reason'] or ''}")
    ids = [entry["entry_id"] for entry in entries]
    found = await entities(api, ids[0])
    await add_automation(api, found["alarm_event"])
    return ids


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


async def entities(api: Api, entry_id: str | None = None) -> dict[str, str]:
    """Return entity ids by translation key, those of events as key_event, of one account or of any."""
    found = {}
    for entity in await api.command("config/entity_registry/list"):
        if entry_id not in (None, entity["config_entry_id"]):
            continue
        if entity["platform"] == DOMAIN and entity["disabled_by"] is None:
            entity_id = entity["entity_id"]
            event = "_event" if entity_id.startswith("event.") else ""
            found[f"{entity['translation_key']}{event}"] = entity_id
    return found


async def statistics(api: Api) -> dict[str, str]:
    """Return the ids of the long-term statistics by series; the first ones take a moment to appear."""
    for _ in range(STATISTICS_SECONDS):
        listed = await api.command("recorder/list_statistic_ids")
        known = [one["statistic_id"] for one in listed if one["source"] == DOMAIN]
        if known:
            return {name.partition("_")[2]: name for name in known}
        await asyncio.sleep(1)
    return {}


async def add_automation(api: Api, event: str) -> None:
    """Add the automation that notifies of a new alarm, unless it was added before."""
    path = "config/automation/config/tell_of_an_alarm"
    try:
        await api.get(path)
    except RefusedError:
        types = (await api.get(f"states/{event}"))["attributes"]["event_types"]
        await api.post(path, alarm_automation(event, types))


async def ignore_installation_method(api: Api) -> None:
    """Put away the repair that advises against running Home Assistant as a plain program."""
    for issue in (await api.command("repairs/list_issues"))["issues"]:
        if issue["issue_id"].startswith("deprecated_method"):
            who = {"domain": issue["domain"], "issue_id": issue["issue_id"]}
            await api.command("repairs/ignore_issue", ignore=True, **who)


async def add_dashboard(
    api: Api, entry_ids: Sequence[str], links: dict[str, str], **card: Any
) -> None:
    """Add the dashboard, unless it was added before, and let it be the first page.

    `card`: options of the card of the first account.
    """
    dashboards = await api.command("lovelace/dashboards/list")
    if DASHBOARD in (known["url_path"] for known in dashboards):
        return
    first, *others = entry_ids
    found = await entities(api, first)
    page = dashboard(
        found,
        await statistics(api),
        links,
        [{"config_entry_id": first, **card}]
        + [{"config_entry_id": other} for other in others],
    )
    await api.command(
        "lovelace/dashboards/create",
        url_path=DASHBOARD,
        title="Insulin pump",
        icon="mdi:water-pump",
        mode="storage",
    )
    await api.command("lovelace/config/save", url_path=DASHBOARD, config=page)
    await api.command(
        "frontend/set_system_data", key="core", value={"default_panel": DASHBOARD}
    )
