"""Write an automation that answers the pump's alarms, as a person would."""

from typing import Any

MESSAGE = "{{ trigger.to_state.attributes.meaning }}, on the pump at {{ trigger.to_state.attributes.pump_time[11:16] }}."


def alarm_automation(event: str, types: list[str]) -> dict[str, Any]:
    """Return an automation that notifies of every new alarm of an event entity."""
    return {
        "alias": "Notify about pump alarms",
        "description": "Shows a notification for every new alarm of the pump.",
        "mode": "queued",
        "triggers": [
            {
                "trigger": "event.received",
                "target": {"entity_id": event},
                "options": {"event_type": types},
            }
        ],
        "actions": [
            {
                "action": "persistent_notification.create",
                "data": {"title": "Insulin pump alarm", "message": MESSAGE},
            }
        ],
    }
