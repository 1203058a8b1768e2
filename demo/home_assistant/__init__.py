"""Run a complete Home Assistant in a process of its own, set up as a person would do it."""

from .api import Api, RefusedError
from .process import HomeAssistant, NotStartedError
from .set_up import add_dashboard, entities, ignore_installation_method, set_up

__all__ = [
    "Api",
    "HomeAssistant",
    "NotStartedError",
    "RefusedError",
    "add_dashboard",
    "entities",
    "ignore_installation_method",
    "set_up",
]
