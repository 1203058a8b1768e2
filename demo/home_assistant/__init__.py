"""A whole Home Assistant in a process of its own, set up as a person would do it."""

from .api import Api, RefusedError
from .process import HomeAssistant, NotStartedError
from .set_up import entities, set_up

__all__ = [
    "Api",
    "HomeAssistant",
    "NotStartedError",
    "RefusedError",
    "entities",
    "set_up",
]
