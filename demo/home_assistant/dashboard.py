"""The first page: what the pump says, its alarms, what went to Nightscout, what to try."""

from typing import Any

PUMP = (
    "insulin_on_board",
    "basal_rate",
    "last_bolus",
    "last_bolus_time",
    "glucose",
    "glucose_trend",
    "reservoir",
    "battery",
    "activity_mode",
    "control_mode",
)
ALARMS = (
    "alarm",
    "suspended",
    "last_alarm",
    "last_alarm_time",
    "alarm_event",
    "alert",
    "data_stale",
)
NIGHTSCOUT = ("connected", "last_sync", "documents_sent", "documents_pending")
COURSE = ("insulin_on_board", "basal_rate", "glucose")


def dashboard(entities: dict[str, str], links: dict[str, str]) -> dict[str, Any]:
    """Return the page's description; entities that are not there are left out."""
    sections = [
        section("Pump", tiles(entities, PUMP)),
        section("Alarms", tiles(entities, ALARMS)),
        section("Nightscout", tiles(entities, NIGHTSCOUT)),
        section("The last day", [course(entities)]),
        section("Try it", [advice(links)]),
    ]
    view = {"title": "Pump", "path": "pump", "type": "sections", "max_columns": 3}
    return {"views": [{**view, "sections": sections}]}


def section(title: str, cards: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a part of the page with its heading."""
    heading = {"type": "heading", "heading": title, "heading_style": "title"}
    return {"type": "grid", "cards": [heading, *cards]}


def tiles(entities: dict[str, str], keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return a tile for each entity there is."""
    return [
        {"type": "tile", "entity": entities[key]} for key in keys if key in entities
    ]


def course(entities: dict[str, str]) -> dict[str, Any]:
    """Return the graphs of a day."""
    return {
        "type": "history-graph",
        "hours_to_show": 24,
        "entities": [{"entity": entities[key]} for key in COURSE if key in entities],
        "grid_options": {"columns": "full"},
    }


def advice(links: dict[str, str]) -> dict[str, Any]:
    """Return where else to look and how to provoke an alarm."""
    lines = [f"- [{title}]({url})" for title, url in links.items()]
    lines += [
        "- Raise an alarm on the pump, in a terminal: `scripts/demo alarm occlusion`.",
        "  An automation answers it with a notification.",
    ]
    return {"type": "markdown", "content": "\n".join(lines)}
