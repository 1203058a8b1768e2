"""Lay out the first page: the pump's day, its values and alarms, documents sent to Nightscout, and buttons to try."""

from typing import Any

PUMP = (
    "insulin_on_board",
    "basal_rate",
    "last_bolus",
    "glucose",
    "glucose_trend",
    "reservoir",
    "battery",
    "closed_loop",
    "last_event",
)
ALARMS = (
    "alarm",
    "suspended",
    "last_alarm",
    "alarm_event",
    "alert",
    "data_stale",
)
NIGHTSCOUT = ("connected", "last_sync", "documents_sent", "documents_pending")
CARD = {"type": "custom:tconnectsync-card"}
"""The integration's own card, which draws events at their true time."""
OWN_NAME = {"type": "entity"}
NAMES = {"alarm_event": "Alarm notified"}
LINE = {"stat_types": ["mean", "min", "max"], "chart_type": "line"}
BARS = {"stat_types": ["change"], "chart_type": "bar"}
GRAPHS = {
    "glucose": {"title": "Glucose", **LINE},
    "insulin": {"title": "Insulin (U each hour)", **BARS},
}


def dashboard(
    entities: dict[str, str],
    statistics: dict[str, str],
    links: dict[str, str],
    cards: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return the page's description, without missing entities.

    `cards`: the options of each account's card; those after the first have a view of their own.
    """
    parts = {
        "Pump": tiles(entities, PUMP),
        "Alarms": tiles(entities, ALARMS),
        "Nightscout": tiles(entities, NIGHTSCOUT),
        "The last days": course(statistics),
        "Try it": [advice(links)],
    }
    first, *others = cards
    size = {"grid_options": {"columns": "full", "rows": 10}}
    sections = [
        {"type": "grid", "column_span": 2, "cards": [CARD | size | first]},
        *(section(title, cards) for title, cards in parts.items() if cards),
    ]
    view = {
        "title": "Pump",
        "path": "pump",
        "type": "sections",
        "max_columns": 3,
        "dense_section_placement": True,
        "sections": sections,
    }
    more = [
        {"title": f"Pump {number}", "type": "panel", "cards": [CARD | card]}
        for number, card in enumerate(others, 2)
    ]
    return {"views": [view, *more]}


def section(title: str, cards: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a part of the page with its heading."""
    heading = {"type": "heading", "heading": title, "heading_style": "title"}
    return {"type": "grid", "cards": [heading, *cards]}


def tiles(entities: dict[str, str], keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return a tile for each entity there is."""
    return [
        {"type": "tile", "entity": entities[key], "name": NAMES.get(key, OWN_NAME)}
        for key in keys
        if key in entities
    ]


def course(statistics: dict[str, str]) -> list[dict[str, Any]]:
    """Return graphs of the long-term statistics, which reach back before the start of the demo."""
    return [
        {
            "type": "statistics-graph",
            "entities": [statistics[key]],
            "days_to_show": 3,
            "period": "hour",
            "hide_legend": True,
            **look,
        }
        for key, look in GRAPHS.items()
        if key in statistics
    ]


def advice(links: dict[str, str]) -> dict[str, Any]:
    """Return where else to look and how to provoke an alarm."""
    lines = [f"- [{title}]({url})" for title, url in links.items()]
    lines += [
        "- Raise an alarm on the pump, in a terminal: `scripts/demo alarm occlusion`.",
        "  An automation answers it with a notification.",
    ]
    return {"type": "markdown", "content": "\n".join(lines)}
